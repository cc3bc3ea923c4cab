"""How people buy: everybody has a rhythm, and some lose it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from desk.demo.goods import EXTRAS, FREE_POSTAGE_FROM, POSTAGE, STAPLES, Good
from desk.demo.people import Person

HISTORY_DAYS = 1_100
# She has a fixed story: her last order arrived open.
DANA = "KL-00001"
# And hers: coffee and filters every month, and tomorrow a month will be over.
PRIYA = "KL-00004"
_TOLD = {
    DANA: (-420, -300, -205, -110, -9),
    PRIYA: (-215, -183, -153, -122, -92, -61, -30),
}
# Who came by an advertisement stays less often than who was told of it by a friend.
_DRIFTS = {"social": 0.30, "newspaper": 0.15, "friend": -0.08}
# So many days ago.
STALE_COFFEE = (330, 400)
_PRIYA_BUYS = ("ETH-1000", "FIL-100")


@dataclass(frozen=True)
class Habit:
    """Every `days` or so, until `ends` where somebody drifts away."""

    staple: Good
    days: float
    wobble: float
    ends: date | None


@dataclass(frozen=True)
class Basket:
    """One order of the demo before it is stored."""

    person: Person
    at: datetime
    delivered: datetime | None
    status: str
    lines: tuple[tuple[Good, int], ...]


def habit(person: Person, *, today: date, dice: random.Random) -> Habit:
    """How somebody of the sample shop buys, drawn with `dice`: most keep a rhythm,
    some drifted away, some tried once."""
    staple = dice.choice(STAPLES)
    lasts = float(staple.lasts_days or 60)
    kind = dice.random()
    if kind < 0.15 + _DRIFTS.get(person.heard_from, 0.0):  # drifted away
        return Habit(staple, lasts, lasts * 0.15, today - _left(dice))
    if kind > 0.88:  # tried it once
        return Habit(staple, 2_000.0, 1.0, None)
    if kind < 0.62:  # keeps a rhythm
        return Habit(staple, lasts, lasts * 0.12, None)
    if kind < 0.82:  # now and then
        return Habit(staple, lasts * dice.uniform(1.5, 2.5), lasts * 0.6, None)
    return Habit(staple, 360.0, 15.0, None)  # once a year, for a present


def _left(dice: random.Random) -> timedelta:
    """How long ago somebody bought for the last time: many in the weeks in which the
    roaster was broken and the coffee stale, the others at any time."""
    if dice.random() < 0.4:
        return timedelta(days=dice.randrange(*STALE_COFFEE))
    return timedelta(days=dice.randrange(70, 900))


def baskets(person: Person, *, today: date, dice: random.Random) -> Iterator[Basket]:
    """This person's orders of the last three years, oldest first."""
    rhythm = habit(person, today=today, dice=dice)
    for day in _days(person, rhythm, today, dice):
        yield _basket(person, today + timedelta(days=day), rhythm, today, dice)


def _days(
    person: Person, rhythm: Habit, today: date, dice: random.Random
) -> Iterator[int]:
    """Days before today, as negative numbers."""
    if person.external_id in _TOLD:
        yield from _TOLD[person.external_id]
        return
    start = max(person.since, today - timedelta(days=HISTORY_DAYS))
    is_new = start == person.since
    day = (start - today).days + (0.0 if is_new else dice.uniform(0, rhythm.days))
    while day < 0:
        if rhythm.ends is not None and today + timedelta(days=int(day)) > rhythm.ends:
            return
        yield int(day)
        day += max(3.0, dice.gauss(rhythm.days, rhythm.wobble))


def _basket(
    person: Person,
    on: date,
    rhythm: Habit,
    today: date,
    dice: random.Random,
) -> Basket:
    at = datetime.combine(
        on, time(dice.randrange(7, 21), dice.randrange(60)), tzinfo=UTC
    )
    takes = 2 if person.external_id == DANA else dice.choice((2, 2, 3, 3, 4, 6))
    arrives = at + timedelta(days=takes)
    delivered = arrives if arrives.date() < today else None
    cancelled = dice.random() < 0.01 and person.external_id not in _TOLD
    return Basket(
        person=person,
        at=at,
        delivered=None if cancelled else delivered,
        status="cancelled" if cancelled else "delivered" if delivered else "placed",
        lines=_lines(person, rhythm, dice),
    )


def _lines(
    person: Person, rhythm: Habit, dice: random.Random
) -> tuple[tuple[Good, int], ...]:
    if person.external_id == PRIYA:
        return tuple(
            (good, 1) for good in (*STAPLES, *EXTRAS) if good.sku in _PRIYA_BUYS
        )
    lines = [(rhythm.staple, 2 if dice.random() < 0.15 else 1)]
    if dice.random() < 0.3:
        lines.append((dice.choice(EXTRAS), 1))
    if dice.random() < 0.1:
        lines.append((dice.choice(STAPLES), 1))
    worth = sum((good.price * pieces for good, pieces in lines), Decimal(0))
    if worth < FREE_POSTAGE_FROM:
        lines.append((POSTAGE, 1))
    return tuple(lines)
