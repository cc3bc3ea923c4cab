"""What an automation brings: whoever was to get its mail against those held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crm import audiences
from messaging.models import Automation
from messaging.rules import holdout as rules
from messaging.rules.holdout import Block, Effect, Group
from messaging.sql import holdout as sql
from messaging.sql.holdout import Asked, Paid

WITHIN = (7, 14, 30, 60, 90)
DEFAULT_WITHIN = 30
# What is supposed before anything is known: of people, those who buy anyway.
USUAL_SHARE = 10
USUAL_PEOPLE = 5_000
_OFFERED = (5, 10, 20, 30, 50)


@dataclass(frozen=True)
class Money:
    """What a person paid on average in one currency, on either side."""

    currency: str
    mailed: float
    held: float
    effect: Effect | None


@dataclass(frozen=True)
class Report:
    """Everybody due since `since`, mailed or not, against everybody held out.

    The groups hold those whose `days` are over; `waiting` counts the others. `orders`
    and the effect of money are None where there are too few to say.
    """

    since: datetime
    days: int
    mailed: Group
    held: Group
    waiting: int
    orders: Effect | None
    money: list[Money]

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "since": self.since.isoformat(),
            "days": self.days,
            "mailed": vars(self.mailed),
            "held_out": vars(self.held),
            "waiting": self.waiting,
            "orders": self.orders and vars(self.orders),
            "money": [
                {**vars(one), "effect": one.effect and vars(one.effect)}
                for one in self.money
            ],
        }


@dataclass(frozen=True)
class Expected:
    """How exact the figure gets if so many in a hundred are held out."""

    percent: int
    # In points of a hundred; None where one side would be empty.
    margin: float | None


def report(automation: Automation, *, days: int, today: date) -> Report | None:
    """The comparison since the share was last set; None: nobody was ever held out."""
    if automation.holdout_since is None:
        return None
    asked = Asked(automation.pk, automation.holdout_since, days, today)
    sides = {one.held: one for one in sql.sides(asked)}
    mailed, held = (_group(sides.get(side)) for side in (False, True))
    return Report(
        since=automation.holdout_since,
        days=days,
        mailed=mailed,
        held=held,
        waiting=sum(one.due - one.people for one in sides.values()),
        orders=rules.difference_of_shares(mailed, held),
        money=_money(sql.money(asked)) if mailed.people and held.people else [],
    )


def expected(people: int, share: float) -> list[Expected]:
    """The margin for each share to hold out; `share`: 0.1, who buy anyway."""
    margins = [
        (percent, rules.expected_margin(people, percent, share)) for percent in _OFFERED
    ]
    return [
        Expected(percent, None if margin is None else 100 * margin)
        for percent, margin in margins
    ]


def people_of(automation: Automation, *, now: datetime) -> int:
    """How many people the audience has, for the expected margin."""
    return min(audiences.count(automation.audience, now=now), audiences.COUNTED_UP_TO)


def _group(side: sql.Side | None) -> Group:
    return Group(side.people, side.buyers) if side else Group(0, 0)


def _money(rows: Sequence[Paid]) -> list[Money]:
    """Each currency by itself: they are never added."""
    return [
        _of_currency(code, [row for row in rows if row.currency == code])
        for code in sorted({row.currency for row in rows})
    ]


def _of_currency(currency: str, rows: Sequence[Paid]) -> Money:
    blocks: dict[bool, list[Block]] = {False: [], True: []}
    buyers = {False: 0, True: 0}
    for row in rows:
        blocks[row.held].append(Block(row.people, float(row.paid)))
        buyers[row.held] += row.buyers
    means = {held: rules.mean(found) for held, found in blocks.items()}
    return Money(
        currency,
        means[False],
        means[True],
        rules.difference_of_means(
            blocks[False],
            blocks[True],
            mailed_buyers=buyers[False],
            held_buyers=buyers[True],
        ),
    )
