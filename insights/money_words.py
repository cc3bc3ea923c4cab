"""The sentences about what customers of before bring now."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import CoreMark
from insights.choices import Basis
from insights.figures import percent
from insights.metrics.measures import Measure
from insights.metrics.spans import YEAR, Pair
from insights.models import MoneyPeriod
from web import formats

# What each figure is called.
TITLES: Mapping[str, str | Promise] = {
    "net-retention": gettext_lazy("Net revenue retention"),
    "gross-retention": gettext_lazy("Gross revenue retention"),
    "revenue-churn": gettext_lazy("Churn by revenue"),
    "expansion": gettext_lazy("They bring more"),
    "contraction": gettext_lazy("They bring less"),
    "lost": gettext_lazy("They bring nothing now"),
    "earlier-share": gettext_lazy("Revenue from earlier customers"),
    "core": gettext_lazy("Core customers"),
}
_SENTENCES: Mapping[str, str | Promise] = {
    "gross-retention": gettext_lazy(
        "Of the %(was)s of then, %(kept)s are still there, without counting "
        "anything that somebody spends more."
    ),
    "revenue-churn": gettext_lazy(
        "Of the %(was)s of then, %(gone)s are gone: of those who bring less now, "
        "and of those who bring nothing."
    ),
    "expansion": gettext_lazy("%(more)s of %(n)s customers bring more than then."),
    "contraction": gettext_lazy(
        "%(less)s of %(n)s customers bring less, but something."
    ),
    "lost": gettext_lazy("%(lost)s of %(n)s customers bring nothing in this time."),
    "earlier-share": gettext_lazy(
        "%(earlier)s of %(revenue)s came from those who had bought before this "
        "time began."
    ),
}
_FORMULAS: Mapping[str, str | Promise] = {
    "net-retention": gettext_lazy("Spent now, by these same people ÷ spent then."),
    "gross-retention": gettext_lazy("(Spent then − spent less − gone) ÷ spent then."),
    "revenue-churn": gettext_lazy("(Spent less + gone) ÷ spent then."),
    "expansion": gettext_lazy("The sum of what each of these people spends more."),
    "contraction": gettext_lazy("The sum of what each of these people spends less."),
    "lost": gettext_lazy("The sum of what these people spent then."),
}


def groups() -> Mapping[str, str]:
    """What the lists of people are called."""
    return {
        "then": _("Customers who brought something then"),
        "more": _("Customers who bring more now"),
        "less": _("Customers who bring less now"),
        "fewer": _("Customers who bring less now, or nothing"),
        "same": _("Customers who bring as much as then"),
        "lost": _("Customers who bring nothing now"),
        "buyers": _("Customers who bought in this time"),
        "earlier": _("Buyers who had bought before"),
        "core": _("Core customers"),
    }


def span(first: date, end: date) -> str:
    """1 December 2009 to 30 November 2010, from the first day and the one after."""
    return _("%(first)s to %(last)s") % {
        "first": formats.full_day(first),
        "last": formats.full_day(_day_before(end)),
    }


def _day_before(day: date) -> date:
    return day - timedelta(days=1)


def pair_of(row: MoneyPeriod) -> Pair:
    """The two spans that a row compares."""
    return Pair(row.ends_on, row.months)


def sentence(key: str, row: MoneyPeriod, measure: Measure) -> str:
    """One figure as a sentence."""
    shape = _net(row) if key == "net-retention" else str(_SENTENCES[key])
    # Each names two or three of these, and to write an amount takes long.
    return shape % _Named(row, measure)


class _Named(dict[str, str]):
    """What a sentence may name of a row, written where it does."""

    def __init__(self, row: MoneyPeriod, measure: Measure) -> None:
        self.row, self.measure = row, measure

    def __missing__(self, name: str) -> str:
        row = self.row
        if name == "share":
            return "" if self.measure.value is None else percent(self.measure.value)
        if name in _PEOPLE:
            return formats.number(getattr(row, _PEOPLE[name]))
        gone = row.contraction + row.lost
        amounts = {
            "was": row.start,
            "now": row.start + row.expansion - gone,
            "gone": gone,
            "kept": row.start - gone,
            "earlier": row.earlier_revenue,
            "revenue": row.revenue,
        }
        return _money(amounts[name], row)


_PEOPLE = {
    "n": "people",
    "more": "more_people",
    "less": "less_people",
    "lost": "lost_people",
}


def _net(row: MoneyPeriod) -> str:
    if row.expansion > row.contraction + row.lost:
        return _(
            "The %(n)s customers who brought %(was)s then bring %(now)s now: what some "
            "spend more outweighs what others spend less. This is called net negative "
            "churn."
        )
    if row.expansion == row.contraction + row.lost:
        return _(
            "The %(n)s customers who brought %(was)s then bring as much now: what some "
            "spend more makes up for what is gone."
        )
    return _(
        "The %(n)s customers who brought %(was)s then bring %(now)s now: what some "
        "spend more does not make up for what is gone."
    )


def core(best: Measure, mark: CoreMark) -> str:
    """The shop's own 20 and 80."""
    few = ngettext(
        "%(people)s customer of %(all)s brought %(share)s of all revenue.",
        "%(people)s customers of %(all)s brought %(share)s of all revenue.",
        mark.people,
    ) % {
        "people": formats.number(mark.people),
        "all": formats.number(mark.of_people),
        "share": percent(float(mark.share)),
    }
    if best.value is None:
        return few
    fifth = _("The best 20 %% brought %(share)s.") % {"share": percent(best.value)}
    return f"{few} {fifth}"


def core_counted(mark: CoreMark) -> str:
    """How old the number of core customers is."""
    return _(
        "Counted once an hour, the last time on %(since)s; the list behind it is of"
        " now."
    ) % {"since": date_format(localtime(mark.counted_at), "j M, H:i")}


def how(key: str, row: MoneyPeriod) -> str:
    """How a figure was counted."""
    pair = pair_of(row)
    named = {
        "then": span(pair.starts_on, pair.middle),
        "now": span(pair.middle, pair.ends_on),
    }
    if row.basis == Basis.CONTRACT:
        return _(
            "The value a month of the contracts in force on the last day of each span, "
            "of the same people: %(then)s beside %(now)s."
        ) % {
            "then": formats.full_day(_day_before(pair.middle)),
            "now": formats.full_day(_day_before(pair.ends_on)),
        }
    if key == "core":
        return _(
            "All customers with revenue, the best first, by what their orders came "
            "to in all their time. Core customers are the first who together brought "
            "80 % of it. Returns are subtracted, cancelled orders do not count."
        )
    if key == "earlier-share":
        return (
            _("The orders of %(now)s. ") % named
            + _("Earlier customers had an order before that, in whatever currency. ")
            + _rules()
        )
    formula = _FORMULAS[key]
    compared = _("Then: %(then)s. Now: %(now)s. ") % named
    return f"{formula} {compared}{_rules()}"


def _rules() -> str:
    return _(
        "A return is subtracted on the day on which it came back; cancelled orders do "
        "not count; whoever got back more than they paid spent nothing."
    )


def compared(months: int) -> str:
    """What is compared, for headings."""
    if months == YEAR:
        return _("Twelve months beside the twelve before")
    return _("Three months beside the three before")


def basis_name(row: MoneyPeriod) -> str:
    """What the sums of a row are of."""
    return _("contracts") if row.basis == Basis.CONTRACT else _("orders")


def _money(amount: Decimal, row: MoneyPeriod) -> str:
    shown = formats.left_to_right(formats.money(amount, row.currency))
    if row.basis == Basis.CONTRACT:
        return _("%(amount)s a month") % {"amount": shown}
    return shown
