"""What one condition says, in the reader's language."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import condition_fields
from crm.condition_fields import ConditionField, Kind
from crm.rules.segment_tree import Condition, Is, Period, Unit

MOST_NAMED = 5


def sentence(condition: Condition) -> str:
    """ "Last order: longer ago than 90 days"."""
    field = condition_fields.get(condition.field)
    if field is None:
        return _("something that this version does not know")
    said = _asked(field, condition)
    if condition.within is not None:
        said = _("%(asked)s in the last %(period)s") % {
            "asked": said,
            "period": period_words(condition.within),
        }
    return _("%(field)s: %(asked)s") % {"field": field.label, "asked": said}


def period_words(period: Period) -> str:
    """A span in words: "3 months"."""
    count = period.count
    words = {
        Unit.DAYS: ngettext("%(count)d day", "%(count)d days", count),
        Unit.WEEKS: ngettext("%(count)d week", "%(count)d weeks", count),
        Unit.MONTHS: ngettext("%(count)d month", "%(count)d months", count),
        Unit.YEARS: ngettext("%(count)d year", "%(count)d years", count),
    }
    return words[period.unit] % {"count": count}


def operator_words(is_: Is) -> str:
    """For the choice in the builder."""
    return {
        Is.ANY_OF: _("is one of"),
        Is.NONE_OF: _("is none of"),
        Is.CONTAINS: _("contains"),
        Is.AT_LEAST: _("at least"),
        Is.AT_MOST: _("at most"),
        Is.ON_OR_AFTER: _("on or after"),
        Is.BEFORE: _("before"),
        Is.IN_LAST: _("in the last"),
        Is.NOT_IN_LAST: _("longer ago than"),
        Is.IN_NEXT: _("in the next"),
        Is.KNOWN: _("is known"),
        Is.UNKNOWN: _("is not known"),
        Is.YES: _("yes"),
        Is.NO: _("no"),
    }[is_]


def _asked(field: ConditionField, condition: Condition) -> str:
    operator = operator_words(condition.is_)
    if condition.period is not None:
        return f"{operator} {period_words(condition.period)}"
    if not condition.values:
        return operator
    values = _values(field, condition)
    if condition.is_ is Is.ANY_OF:
        return values
    if condition.is_ is Is.NONE_OF:
        return _("not %(values)s") % {"values": values}
    return f"{operator} {values}"


def _values(field: ConditionField, condition: Condition) -> str:
    if field.kind is Kind.DAY:
        return date_format(date.fromisoformat(condition.values[0]), "DATE_FORMAT")
    if field.kind is Kind.MONEY:
        return f"{condition.values[0]} {condition.currency}"
    words = field.named(condition.values[:MOST_NAMED])
    named = [str(words.get(value, value)) for value in condition.values]
    if len(named) > MOST_NAMED:
        rest = len(named) - MOST_NAMED
        more = ngettext("%(count)d more", "%(count)d more", rest) % {"count": rest}
        named = [*named[:MOST_NAMED], more]
    if field.kind is Kind.TEXT:
        return f"“{named[0]}”"
    return _(" or ").join(named)
