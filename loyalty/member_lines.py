"""The lines of a member's page: what changed a balance, and what each is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from loyalty import member_words, reward_words
from loyalty.models import Programme, Reward
from loyalty.sql.member_lines import Change

MOST_LINES = 20
# Of a page that has nothing but lines.
MOST_OLDER = 60


@dataclass(frozen=True)
class Line:
    """One change of a balance: its day, why, how much with its sign, and the order or
    reward that it is about; "" where it is about none."""

    id: int
    on: date
    words: str
    amount: str
    about: str


def rewards_of(changes: Sequence[Change], language: str) -> dict[int, str]:
    """What a customer reads of each reward that they were spent on; two queries, or
    none where there is no such reward."""
    wanted = {one.reward for one in changes if one.reward is not None}
    if not wanted:
        return {}
    rows = Reward.objects.filter(pk__in=wanted).prefetch_related("words")
    return {row.pk: reward_words.called(row, row.wording.get(language)) for row in rows}


def _one_line(one: Change) -> tuple[int, int | None, date]:
    """The same for all that came back of one spending at once."""
    return (one.id if one.undoes is None else 0), one.undoes, one.on


def lines_of(
    programme: Programme, changes: Sequence[Change], rewards: Mapping[int, str]
) -> list[Line]:
    """What came back of one spending, lot by lot, is one line, with the lowest id."""
    found = []
    for _key, parts in groupby(changes, _one_line):
        *_, last = group = list(parts)
        units = sum((one.amount for one in group), Decimal(0))
        found.append(_line(programme, last._replace(amount=units), rewards))
    return found


def _line(programme: Programme, one: Change, rewards: Mapping[int, str]) -> Line:
    if one.reward is not None:
        about = rewards[one.reward]
    else:
        about = member_words.of_order(one.order, one.products)
    return Line(
        one.id,
        one.on,
        member_words.happened(one.kind, one.source_key),
        member_words.change(programme, one.amount),
        about,
    )
