"""The lines of a member's page: what changed a balance, and what each is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from crm.models import Customer
from loyalty import member_words, reward_words
from loyalty.models import Membership, Programme, Reward
from loyalty.sql import member_lines as sql
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


def counts(row: Membership) -> bool:
    """Anyone who left sees what they have, and may come back."""
    return row.programme.archived_at is None or bool(row.balance)


@dataclass(frozen=True)
class Lines:
    """A page of lines of one programme, the newest first; `older` and `newer`: the
    `before` of the pages beside it, None where there is none, or the newest."""

    programme: Programme
    lines: Sequence[Line]
    older: int | None
    newer: int | None


def older(
    customer: Customer, programme: int, *, before: int | None, language: str
) -> Lines | None:
    """The lines before an entry; without one, the newest. None where they do not take
    part in it."""
    rows = Membership.objects.filter(customer=customer, programme=programme)
    member = rows.select_related("programme").first()
    if member is None or not counts(member):
        return None
    found = sql.latest([member.pk], MOST_OLDER + 1, before=before)
    changes = found.get(member.pk, [])
    rewards = rewards_of(changes, language)
    lines = lines_of(member.programme, changes[:MOST_OLDER], rewards)
    return Lines(
        member.programme,
        lines,
        lines[-1].id if len(changes) > MOST_OLDER else None,
        None if before is None else sql.newer(member.pk, before, MOST_OLDER),
    )
