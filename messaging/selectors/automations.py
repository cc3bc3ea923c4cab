"""Automations by kind: in which order they go first, and whom each is for."""

from dataclasses import dataclass
from datetime import datetime

from crm import audiences
from messaging import kinds
from messaging.kinds import Kind
from messaging.models import Automation
from messaging.services.reach import going_first


@dataclass(frozen=True)
class AudienceNow:
    """An audience in words, and how many people are in it at this moment."""

    words: str
    count: int
    is_more: bool


@dataclass(frozen=True)
class Row:
    """One automation; `audience` in words. `hidden_by`: one that goes first and takes
    everybody, so that this one writes to no one."""

    automation: Automation
    audience: str
    hidden_by: Automation | None


@dataclass(frozen=True)
class Group:
    """The automations of a kind, in the order in which they go first."""

    kind: Kind
    rows: list[Row]


def groups() -> list[Group]:
    """Every kind that is swept, the one with the most important automation first."""
    rows = list(Automation.objects.in_use())
    by_kind = {
        kind: [row for row in rows if row.kind == kind.name]
        for kind in kinds.swept_kinds()
    }
    found = [
        Group(kind, [_row(one, of_kind) for one in of_kind])
        for kind, of_kind in by_kind.items()
    ]
    return sorted(found, key=_importance)


def archived() -> list[Automation]:
    """Those put away, the last one first."""
    known = [kind.name for kind in kinds.swept_kinds()]
    rows = Automation.objects.filter(archived_at__isnull=False, kind__in=known)
    return list(rows.order_by("-archived_at", "-id"))


def first_of(automation: Automation) -> list[Row]:
    """Those that go before this one, each with its audience in words."""
    of_kind = list(Automation.objects.filter(kind=automation.kind))
    return [_row(one, of_kind) for one in going_first(automation, of_kind)]


def audience_now(audience: str, *, now: datetime) -> AudienceNow:
    """For a page: the sentence and the count of a stored query string."""
    count = audiences.count(audience, now=now)
    most = audiences.COUNTED_UP_TO
    return AudienceNow(audiences.in_words(audience), min(count, most), count > most)


def _row(automation: Automation, of_kind: list[Automation]) -> Row:
    first = going_first(automation, of_kind)
    everybody = [one for one in first if one.audience == audiences.EVERYBODY]
    return Row(
        automation,
        audiences.in_words(automation.audience),
        everybody[0] if everybody else None,
    )


def _importance(group: Group) -> tuple[int, str]:
    first = group.rows[0].automation.priority if group.rows else group.kind.priority
    return first, group.kind.name
