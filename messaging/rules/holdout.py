"""Who is held out of an automation by lot, and what the comparison with them says.

Everybody who falls due is compared by what the lot gave them, whether or not a mail
went (intention to treat): the mails that were refused, deferred or lost are refused,
deferred and lost on both sides alike.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random

MOST_PERCENT = 50
# Under so many people on either side no comparison is shown.
ENOUGH_PEOPLE = 30
# Nor of money, where fewer bought on either side: a few orders would decide it.
ENOUGH_BUYERS = 10
_DRAWS = 1_000
_SEED = 20_26
_TICKETS = 65_536
_Z_95 = 1.959964


def is_held_out(salt: str, percent: int, customer_id: int) -> bool:
    """Whether the lot of this automation holds this person out.

    The same person draws the same ticket every time: the first two bytes of
    sha256("salt:id"). A higher share holds out those of the lower one and more.
    `messaging.sql.holdout.DRAWN` is the same in SQL; a test compares them.
    """
    digest = hashlib.sha256(f"{salt}:{customer_id}".encode()).digest()
    return int.from_bytes(digest[:2]) * 100 < percent * _TICKETS


@dataclass(frozen=True)
class Group:
    """One side of the comparison: people, and those of them who ordered."""

    people: int
    buyers: int

    @property
    def share(self) -> float:
        """Of all of them; 0 where there is no one."""
        return self.buyers / self.people if self.people else 0.0


@dataclass(frozen=True)
class Effect:
    """What the mail adds: a difference with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether chance alone would seldom make a difference like this."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Block:
    """Some people taken together at random, and what they paid in one currency."""

    people: int
    paid: float


def expected_margin(people: int, percent: int, share: float) -> float | None:
    """How exact the difference of two shares can get, as half a 95 % interval.

    `share`: of people who would buy anyway. None where a side would be empty. 5,000
    people with 10 % held out, of whom 10 % buy, give 0.028: ±2.8 points. It is the
    normal approximation with equal shares: Fleiss, Statistical Methods for Rates and
    Proportions (2003), 2.4.
    """
    held = round(people * percent / 100)
    mailed = people - held
    if not held or not mailed:
        return None
    return _Z_95 * sqrt(share * (1 - share) * (1 / held + 1 / mailed))


def difference_of_shares(mailed: Group, held: Group) -> Effect | None:
    """The share of buyers among those who were to get the mail, less that of those
    held out. None: too few to say.

    Newcombe, Statistics in Medicine 17 (1998), method 10: from Wilson's interval of
    each share. It stays sensible where none or all bought.
    """
    if min(mailed.people, held.people) < ENOUGH_PEOPLE:
        return None
    value = mailed.share - held.share
    (low_m, high_m), (low_h, high_h) = _wilson(mailed), _wilson(held)
    return Effect(
        value,
        value - sqrt((mailed.share - low_m) ** 2 + (high_h - held.share) ** 2),
        value + sqrt((high_m - mailed.share) ** 2 + (held.share - low_h) ** 2),
    )


def difference_of_means(
    mailed: Sequence[Block],
    held: Sequence[Block],
    *,
    mailed_buyers: int,
    held_buyers: int,
) -> Effect | None:
    """Money per person among those who were to get the mail, less that of those held
    out; the buyers are those who bought in this currency. None: too few to say.

    A percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap
    (1993), 13.3) that draws whole blocks. Up to so many people as there are blocks each
    is a block of their own; of more, blocks are random parts, and drawing those takes
    the same time for a million people. The seed is fixed: the same data, the same
    interval.
    """
    people = min(sum(one.people for one in side) for side in (mailed, held))
    if people < ENOUGH_PEOPLE or min(mailed_buyers, held_buyers) < ENOUGH_BUYERS:
        return None
    draw = Random(_SEED)  # noqa: S311 # statistics, not a secret
    found = sorted(
        mean(draw.choices(mailed, k=len(mailed)))
        - mean(draw.choices(held, k=len(held)))
        for _ in range(_DRAWS)
    )
    edge = _DRAWS // 40
    return Effect(mean(mailed) - mean(held), found[edge], found[-edge - 1])


def mean(blocks: Sequence[Block]) -> float:
    """Money per person; there is at least one."""
    return sum(one.paid for one in blocks) / sum(one.people for one in blocks)


def _wilson(group: Group) -> tuple[float, float]:
    """The 95 % interval of a share: Wilson, JASA 22 (1927)."""
    square, base = _Z_95**2, group.people
    scale = 1 + square / base
    middle = (group.share + square / (2 * base)) / scale
    spread = group.share * (1 - group.share) / base + square / (4 * base**2)
    half = _Z_95 * sqrt(spread) / scale
    return middle - half, middle + half
