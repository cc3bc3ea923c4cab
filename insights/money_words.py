"""The sentences about what customers of before bring now."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import CoreMark
from insights.choices import Basis
from insights.figures import percent
from insights.metrics.measures import Measure
from insights.metrics.spans import YEAR, Pair
from insights.models import MoneyPeriod
from web import formats


def titles() -> Mapping[str, str]:
    """What each figure is called."""
    return {
        "net-retention": _("Net revenue retention"),
        "gross-retention": _("Gross revenue retention"),
        "revenue-churn": _("Churn by revenue"),
        "expansion": _("They bring more"),
        "contraction": _("They bring less"),
        "lost": _("They bring nothing now"),
        "earlier-share": _("Revenue from earlier customers"),
        "core": _("Core customers"),
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
    now = row.start + row.expansion - row.contraction - row.lost
    named = {
        "n": formats.number(row.people),
        "was": _money(row.start, row),
        "now": _money(now, row),
        "gone": _money(row.contraction + row.lost, row),
        "kept": _money(row.start - row.contraction - row.lost, row),
        "more": formats.number(row.more_people),
        "less": formats.number(row.less_people),
        "lost": formats.number(row.lost_people),
        "earlier": _money(row.earlier_revenue, row),
        "revenue": _money(row.revenue, row),
        "share": "" if measure.value is None else percent(measure.value),
    }
    if key == "net-retention":
        return _net(row) % named
    return _sentences()[key] % named


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


def _sentences() -> Mapping[str, str]:
    return {
        "gross-retention": _(
            "Of the %(was)s of then, %(kept)s are still there, without counting "
            "anything that somebody spends more."
        ),
        "revenue-churn": _(
            "Of the %(was)s of then, %(gone)s are gone: of those who bring less now, "
            "and of those who bring nothing."
        ),
        "expansion": _("%(more)s of %(n)s customers bring more than then."),
        "contraction": _("%(less)s of %(n)s customers bring less, but something."),
        "lost": _("%(lost)s of %(n)s customers bring nothing in this time."),
        "earlier-share": _(
            "%(earlier)s of %(revenue)s came from those who had bought before this "
            "time began."
        ),
    }


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
    formula = {
        "net-retention": _("Spent now, by these same people ÷ spent then."),
        "gross-retention": _("(Spent then − spent less − gone) ÷ spent then."),
        "revenue-churn": _("(Spent less + gone) ÷ spent then."),
        "expansion": _("The sum of what each of these people spends more."),
        "contraction": _("The sum of what each of these people spends less."),
        "lost": _("The sum of what these people spent then."),
    }[key]
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
