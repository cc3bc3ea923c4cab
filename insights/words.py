"""Sentences that pages of Insights share: periods, and how customers are counted."""

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
        return formats.short_month(first)
    return _("%(first)s to %(last)s") % {
        "first": formats.day(first),
        "last": formats.day(asked.last_day),
    }


def later(cohorts: Period, unit: str, step: int) -> str:
    """Cohorts by the span in which they first bought, and how much later it is."""
    return _("First bought %(span)s, and %(after)s") % {
        "span": period(cohorts),
        "after": after(unit, step),
    }


def after(unit: str, step: int) -> str:
    """2 quarters later."""
    return {
        "month": ngettext("%(n)s month later", "%(n)s months later", step),
        "quarter": ngettext("%(n)s quarter later", "%(n)s quarters later", step),
        "year": ngettext("%(n)s year later", "%(n)s years later", step),
    }[unit] % {"n": formats.number(step)}


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


def days(number: int) -> str:
    """So many days."""
    return ngettext("%(days)s day", "%(days)s days", number) % {
        "days": formats.number(number)
    }


def whatever_the_days(row: Definition) -> str:
    """The definition, for what counts days with an order and nothing else."""
    return ngettext(
        "Counted by orders, of customers and of those who were: the %(days)s day for"
        " which an order makes a customer does not matter here.",
        "Counted by orders, of customers and of those who were: the %(days)s days for"
        " which an order makes a customer do not matter here.",
        row.days,
    ) % {"days": formats.number(row.days)}


def of_anybody(row: Definition, asked: Basis) -> str:
    """The definition, for what people did whether they were customers or not."""
    did = _("Whoever did so counts, a customer at that time or not.")
    return f"{did} {counted_by(row, asked)}"


def counted_whole() -> str:
    """Of a number without an interval: why it has none."""
    return _(
        "All are counted and nothing is drawn by lot: chance leaves no doubt here."
    )


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
