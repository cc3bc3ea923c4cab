"""How those who came had heard of us, by all that says so: the record, surveys, codes.

Low end of the share: one says that somebody recommended us, and none says otherwise.
High end: one says so, whatever the others say, and all of whom nothing is known.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from insights.metrics import referrals
from insights.metrics.referrals import Bounds, Told
from insights.selectors.asked import Asked, who
from insights.selectors.origins import Origins
from insights.selectors.rows import rows_of
from insights.sql import overlaps as sql
from insights.sql.overlaps import Meaning
from surveys import selectors as surveys

WAYS = ("record", "survey", "code")


@dataclass(frozen=True)
class Way:
    """Of how many one of WAYS says: by recommendation, in another way, nothing."""

    name: str
    said: int
    other: int
    silent: int


@dataclass(frozen=True)
class Overlaps:
    """`people`: by what all say together. `both`: of whom two or more say that somebody
    recommended us. `revenue`: by currency, then by what all say together."""

    ways: Sequence[Way]
    people: Mapping[Told, int]
    both: int
    revenue: Mapping[str, Mapping[Told, Decimal]]

    @property
    def total(self) -> int:
        return sum(self.people.values())

    @property
    def says_more(self) -> bool:
        """Whether surveys or codes say anything besides the record."""
        return any(way.said or way.other for way in self.ways if way.name != "record")

    @property
    def share(self) -> Bounds:
        return _bounds(self.people)

    @property
    def shares_of_revenue(self) -> Mapping[str, Bounds]:
        return {code: _bounds(sums) for code, sums in self.revenue.items()}


def overlaps(asked: Asked, found: Origins, *, today: date) -> Overlaps:
    """Of those of `found`, who came in the span that is asked for."""
    span = (asked.period.starts_on, asked.period.ends_on)
    meaning = _meaning(found)
    whom = who(asked, today=today)
    people: dict[Told, int] = dict.fromkeys(Told, 0)
    counts = {name: {"yes": 0, "no": 0, "": 0} for name in WAYS}
    both = 0
    for *says, number in rows_of(sql.people(asked.basis, span, whom, meaning)):
        people[referrals.told(says)] += number
        both += number if says.count("yes") > 1 else 0
        for name, one in zip(WAYS, says, strict=True):
            counts[name][one] += number
    revenue: dict[str, dict[Told, Decimal]] = defaultdict(
        lambda: dict.fromkeys(Told, Decimal(0))
    )
    brought = sql.value(asked.basis, span, today, whom, meaning)
    for *says, currency, amount in rows_of(brought):
        revenue[currency][referrals.told(says)] += amount
    return Overlaps(
        [Way(name, one["yes"], one["no"], one[""]) for name, one in counts.items()],
        people,
        both,
        dict(revenue),
    )


def _meaning(found: Origins) -> Meaning:
    choices = surveys.origin_choices()
    return Meaning(
        sources=[row.source for row in found.rows if row.is_recommendation],
        choices=[
            (one.version, one.question, one.choice)
            for one in choices
            if any(map(referrals.is_recommendation, one.words))
        ],
        versions=sorted({one.version for one in choices}),
        words=referrals.WORDS,
    )


def _bounds(sums: Mapping[Told, Decimal] | Mapping[Told, int]) -> Bounds:
    sure = Decimal(sums[Told.SURE])
    open_ = Decimal(sums[Told.DISPUTED]) + Decimal(sums[Told.UNKNOWN])
    return referrals.bounds(sure, open_, Decimal(sum(map(Decimal, sums.values()))))
