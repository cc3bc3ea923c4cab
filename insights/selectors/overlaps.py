"""How those who came had heard of us, by all that says so: the record, surveys, codes.

Low end of the share: one says that somebody recommended us, and none says otherwise.
High end: one says so, whatever the others say, and all of whom nothing is known.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg.sql import Composed

from insights.choices import Dimension
from insights.metrics import referrals
from insights.metrics.referrals import Bounds, Told
from insights.selectors import kept, spans
from insights.selectors.asked import Asked, who
from insights.selectors.origins import who_came
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
    def groups(self) -> Mapping[str, int]:
        """How many are in each group of sql.overlaps.HEARD."""
        found = {f"heard-{one.value}": n for one, n in self.people.items()}
        found |= {
            "heard-twice": self.both,
            "heard-most": self.total - self.people[Told.OTHER],
        }
        for way in self.ways:
            says = {"yes": way.said, "no": way.other, "nothing": way.silent}
            found |= {f"heard-{way.name}-{said}": n for said, n in says.items()}
        return {group: n for group, n in found.items() if group in sql.HEARD}

    @property
    def share(self) -> Bounds:
        return _bounds(self.people)

    @property
    def shares_of_revenue(self) -> Mapping[str, Bounds]:
        return {code: _bounds(sums) for code, sums in self.revenue.items()}


def overlaps(asked: Asked, *, today: date) -> Overlaps:
    """Of those who came for the first time in the span that is asked for."""
    of_people, of_value = statements(asked, today=today)
    people: dict[Told, int] = dict.fromkeys(Told, 0)
    counts = {name: {"yes": 0, "no": 0, "": 0} for name in WAYS}
    both = 0
    for *says, number in kept.rows(of_people):
        people[referrals.told(says)] += number
        both += number if says.count("yes") > 1 else 0
        for name, one in zip(WAYS, says, strict=True):
            counts[name][one] += number
    revenue: dict[str, dict[Told, Decimal]] = defaultdict(
        lambda: dict.fromkeys(Told, Decimal(0))
    )
    for *says, currency, amount in kept.rows(of_value):
        revenue[currency][referrals.told(says)] += Decimal(amount)
    return Overlaps(
        [Way(name, one["yes"], one["no"], one[""]) for name, one in counts.items()],
        people,
        both,
        dict(revenue),
    )


def statements(asked: Asked, *, today: date) -> tuple[Composed, Composed]:
    """How many each combination has, and what they brought so far."""
    span = (asked.period.starts_on, asked.period.ends_on)
    meaning, whom = _meaning(asked), who_came(asked, today=today)
    return (
        sql.people(asked.basis, span, whom, meaning),
        sql.value(asked.basis, span, today, whom, meaning),
    )


def people(asked: Asked, group: str, *, today: date) -> Composed:
    """Those of one group of sql.overlaps.HEARD, as a SELECT of ids."""
    span = (asked.period.starts_on, asked.period.ends_on)
    meaning, whom = _meaning(asked), who(asked, today=today)
    return sql.ids(asked.basis, span, whom, meaning, group)


def _meaning(asked: Asked) -> Meaning:
    choices = surveys.origin_choices()
    known = spans.values_of(asked.basis, Dimension.SOURCE.value)
    return Meaning(
        sources=[one for one in known if referrals.is_recommendation(one)],
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
