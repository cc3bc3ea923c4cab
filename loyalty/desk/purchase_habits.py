"""Regular purchases on the customer page: the next day, and how it was worked out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Customer
from crm.page_parts import Cell, CustomerPanel, GlanceCell
from crm.request_context import RequestContext
from loyalty.choices import Basis
from loyalty.rules.reorder import DueBy, Expected
from loyalty.selectors.purchase_habits import (
    PurchaseHabit,
    PurchaseHabits,
    purchase_habits,
)
from web import formats

# A wholesaler's customer has hundreds; these are expected first.
MOST = 6
MOST_GAPS = 6


@dataclass(frozen=True)
class HabitRow:
    """One product: when next, how often, and what stands in the way of a reminder."""

    product: str
    due: str
    # How sure the day is; "" where it is not known, or the day is over.
    sure: str
    often: str
    last: str
    how: list[str]
    state: str


@dataclass(frozen=True)
class HabitsPanel:
    """What the panel of buying habits shows."""

    rows: list[HabitRow]
    # How many more there are than are shown.
    more: int
    note: str
    # For the strip: what they are expected to buy next, and when; None: no idea.
    next: Cell | None = None


def _panel(context: RequestContext, customer: Customer) -> HabitsPanel:
    return context.once(habits_panel, customer.pk, today=context.today)


def _cell(context: RequestContext, customer: Customer) -> Cell | None:
    """Nothing where we would only guess; the last order stands there then."""
    return _panel(context, customer).next


def habits_panel(customer_id: int, *, today: date) -> HabitsPanel:
    """The panel of the customer page, with the cell of the strip in `next`."""
    found = purchase_habits(customer_id, today=today)
    known = [one for one in found.products if one.expected]
    return HabitsPanel(
        rows=[_row(one, today) for one in found.products[:MOST]],
        more=max(0, len(found.products) - MOST),
        note=_note(found),
        next=Cell(known[0].product, _next(known[0].expected, today)) if known else None,
    )


def _next(expected: Expected | None, today: date) -> str:
    if expected is None:
        return ""
    if expected.basis is not Basis.OWN:
        return _due(expected, today)
    words = _("every %(every)s, next around %(day)s")
    if expected.due_on < today:
        words = _("every %(every)s, was expected around %(day)s")
    return words % {
        "every": _days(expected.every),
        "day": formats.day(expected.due_on, today),
    }


def _note(found: PurchaseHabits) -> str:
    if found.wants_no_reminders:
        return _("Wants no reminders of what they buy.")
    if not found.products:
        return _("Not enough yet: it takes three purchases of one product.")
    return ""


def _row(one: PurchaseHabit, today: date) -> HabitRow:
    return HabitRow(
        product=one.product,
        due=_due(one.expected, today),
        sure=_sure(one.expected, today),
        often=_often(one.expected),
        last=_("Last bought on %(day)s") % {"day": formats.day(one.last_on, today)},
        how=_how(one),
        state=_state(one, today),
    )


def _due(expected: Expected | None, today: date) -> str:
    if expected is None:
        return _("No day expected")
    words = _("Next around %(day)s")
    if expected.due_on < today:
        words = _("Was expected around %(day)s")
    return words % {"day": formats.day(expected.due_on, today)}


def _sure(expected: Expected | None, today: date) -> str:
    """The chance is that of the day before it was moved to the customer's own."""
    if expected is None or expected.confidence is None or expected.due_on < today:
        return ""
    if expected.due_by is DueBy.PASSED:
        return ""
    return _("%(chance)s likely within a week of it") % {
        "chance": formats.percent(round(100 * expected.confidence))
    }


def _often(expected: Expected | None) -> str:
    if expected is None or expected.basis is not Basis.OWN:
        return ""
    every = _days(expected.every)
    if expected.low == expected.high:
        return _("Every %(every)s") % {"every": every}
    return _("About every %(every)s, usually %(low)s to %(high)s") % {
        "every": every,
        "low": formats.number(expected.low),
        "high": formats.number(expected.high),
    }


def _state(one: PurchaseHabit, today: date) -> str:
    if one.is_refused:
        return _("Wants no reminder of this")
    if one.again_on:
        day = formats.day(one.again_on, today)
        return _("Put off: reminder on %(day)s") % {"day": day}
    return ""


def _how(one: PurchaseHabit) -> list[str]:
    if one.expected and one.expected.basis is not Basis.OWN:
        return [_of_product(one.expected)]
    return [_intervals(one.gaps), *_quantity(one), *_reason(one.expected)]


def _of_product(expected: Expected) -> str:
    """Bought too seldom to say anything of this customer."""
    if expected.basis is Basis.SEASON:
        return _("Bought once or twice: its season begins then")
    if expected.basis is Basis.SUPPLY:
        words = _("Bought once or twice: it should last %(span)s, as you have said")
    else:
        words = _("Bought once or twice: others buy it again after about %(span)s")
    return words % {"span": _days(expected.every)}


def _intervals(gaps: Sequence[int]) -> str:
    listed = ", ".join(formats.number(gap) for gap in gaps[-MOST_GAPS:])
    words = ngettext(
        "%(n)s interval: %(listed)s days", "%(n)s intervals: %(listed)s days", len(gaps)
    )
    if len(gaps) > MOST_GAPS:
        words = _("%(n)s intervals, the last of them: %(listed)s days")
    return words % {"n": len(gaps), "listed": listed}


def _quantity(one: PurchaseHabit) -> list[str]:
    if not one.is_quantity_uneven:
        return []
    if one.expected is None:
        return [_("Quantities differ; two bags last longer than one")]
    lasts = _days(one.expected.days)
    return [
        _("Two bags last longer: the last purchase should last %(span)s")
        % {"span": lasts}
    ]


def _reason(expected: Expected | None) -> list[str]:
    if expected is None:
        return [_("Too irregular or too long ago: nothing is sent")]
    return {
        DueBy.INTERVAL: [_("By then it is usually used up")],
        DueBy.ORDER: [_("Used up earlier, but their next order is expected then")],
        DueBy.PASSED: [
            _(
                "An earlier day went by without a purchase, so it was moved by one to"
                " five weeks: not everybody is reminded on the same day"
            )
        ],
    }[expected.due_by]


def _days(n: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", n) % {"n": n}


PARTS = (
    CustomerPanel(
        name="purchase_habits",
        order=40,
        label=gettext_lazy("Usual products"),
        template="loyalty/_purchase_habits.html",
        read=_panel,
    ),
    GlanceCell(
        name="next_order",
        order=61,
        label=gettext_lazy("Usual order"),
        read=_cell,
        instead_of="last_order",
    ),
)
