"""From which lots something that goes out is taken.

A lot is what came in at once: it can be spent from a day on, and until a day. All
functions change `left` of the lots that they are given, in one order: what runs out
first goes first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

NOTHING = Decimal(0)


@dataclass
class OpenLot:
    """What is left of an entry that came in. `order`: the one that first earned it."""

    entry: int
    left: Decimal
    available_on: date
    expires_on: date | None
    order: int | None = None


@dataclass(frozen=True)
class Taken:
    """So much of a lot, by the id of its entry."""

    lot: int
    amount: Decimal


def is_spendable(lot: OpenLot, today: date) -> bool:
    """Whether it can be spent on this day: no longer pending, and not run out."""
    return lot.available_on <= today and (
        lot.expires_on is None or lot.expires_on >= today
    )


def spendable(lots: Iterable[OpenLot], today: date) -> Decimal:
    """What can be spent on this day."""
    return sum((lot.left for lot in lots if is_spendable(lot, today)), NOTHING)


def pending(lots: Iterable[OpenLot], today: date) -> Decimal:
    """What was earned and can be spent later only."""
    return sum((lot.left for lot in lots if lot.available_on > today), NOTHING)


def take(lots: Sequence[OpenLot], amount: Decimal, today: date) -> list[Taken] | None:
    """Spend so much of what can be spent; None, and nothing taken, where that is not
    enough."""
    usable = [lot for lot in lots if is_spendable(lot, today)]
    if spendable(usable, today) < amount:
        return None
    taken, _ = _from(sorted(usable, key=_soonest), amount)
    return taken


def take_back(
    lots: Sequence[OpenLot],
    amount: Decimal,
    *,
    today: date,
    first: int | None = None,
    order: int | None = None,
) -> tuple[list[Taken], Decimal]:
    """Take what is no longer theirs, and how much of it was not there: from the lot
    `first` and those of that order, then from what has run out, what can be spent, and
    the rest."""

    def place(lot: OpenLot) -> tuple[bool, bool, bool, bool, date, int]:
        is_own = order is not None and lot.order == order
        has_run_out = lot.expires_on is not None and lot.expires_on < today
        return (
            lot.entry != first,
            not is_own,
            not has_run_out,
            not is_spendable(lot, today),
            *_soonest(lot),
        )

    return _from(sorted(lots, key=place), amount)


def _from(lots: Iterable[OpenLot], amount: Decimal) -> tuple[list[Taken], Decimal]:
    taken = []
    for lot in lots:
        part = min(lot.left, amount)
        if part > 0:
            lot.left -= part
            amount -= part
            taken.append(Taken(lot.entry, part))
    return taken, amount


def _soonest(lot: OpenLot) -> tuple[date, int]:
    return (lot.expires_on or date.max, lot.entry)


def given_back(taken: Sequence[Taken], before: Decimal, amount: Decimal) -> list[Taken]:
    """Which lots `amount` of a spending goes back to, where `before` of it went back
    already: the last taken first, which is what would have run out latest."""
    parts = []
    for each in reversed(taken):
        skipped = min(before, each.amount)
        before -= skipped
        part = min(each.amount - skipped, amount)
        if part > 0:
            amount -= part
            parts.append(Taken(each.lot, part))
    return parts


def share(units: Decimal, part: Decimal, whole: Decimal) -> Fraction:
    """The units that stand for `part` of a whole, exact."""
    return Fraction(units) * Fraction(part) / Fraction(whole)
