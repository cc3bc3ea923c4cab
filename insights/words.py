"""Sentences that pages of Insights share: periods, and how customers are counted."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.choices import Basis
from insights.metrics.periods import Period
from insights.models import Definition
from web import formats


def period(asked: Period) -> str:
    """Nov 2026, Q4 2026, 2026, or both days of a span of one's own."""
    first = asked.starts_on
    if asked.unit == "year":
        return str(first.year)
    if asked.unit == "quarter":
        return _("Q%(quarter)s %(year)s") % {
            "quarter": (first.month + 2) // 3,
            "year": first.year,
        }
    if asked.unit == "month":
        return str(date_format(first, "M Y"))
    return _("%(first)s to %(last)s") % {
        "first": formats.day(first),
        "last": formats.day(asked.last_day),
    }


def basis(asked: Basis) -> str:
    """What customers are counted by."""
    return _("Contracts") if asked is Basis.CONTRACT else _("Orders")


def counted_by(row: Definition, asked: Basis) -> str:
    """What counts as a customer here; stands in every answer to "how"."""
    if asked is Basis.CONTRACT:
        return _("A customer is whoever has a subscription that runs.")
    return ngettext(
        "A customer is whoever bought something within the last %(days)s day. Orders"
        " that were cancelled or given back whole do not count.",
        "A customer is whoever bought something within the last %(days)s days. Orders"
        " that were cancelled or given back whole do not count.",
        row.days,
    ) % {"days": formats.number(row.days)}


def retention_how(row: Definition, asked: Basis) -> str:
    """The formula of retention in words, with what counts as a customer."""
    formula = _(
        "Retention is the customers at the end less those gained, divided by the"
        " customers at the start. Gained are those who came for the first time and"
        " those who came back; whoever left and came back within the time was gained,"
        " not kept. Somebody is there at the start who was a customer on the day"
        " before."
    )
    return f"{counted_by(row, asked)} {formula}"
