"""Automations in their one order: whom each is for, and who goes before whom."""

from collections.abc import Sequence
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
    """One automation; `audience` in words. `hidden_by`: one of its kind that goes first
    and takes everybody, so that this one writes to no one."""

    automation: Automation
    audience: str
    hidden_by: Automation | None


@dataclass(frozen=True)
class Line:
    """A row of the list.

    To move it up it is put before `above`, and to move it down before `below`, or to
    the end where that is ""; None where it stands at that end. `focus`: the way that it
    went a moment ago, or the only one it can go now.
    """

    row: Row
    kind: Kind
    above: int | str | None
    below: int | str | None
    focus: str = ""


def lines(*, moved: int | None = None, went: str = "") -> list[Line]:
    """All that are in use, the one that goes first at the top. `moved`: whose button
    (`went`: up or down) was pressed a moment ago, and keeps the focus."""
    known = {kind.name: kind for kind in kinds.swept_kinds()}
    rows = [row for row in Automation.objects.in_use() if row.kind in known]
    ids: list[int | str | None] = [None, *(row.pk for row in rows), "", None]
    found = []
    for at, row in enumerate(rows):
        above, below = ids[at], ids[at + 3]
        way = (
            "down" if above is None or (went == "down" and below is not None) else "up"
        )
        focus = way if row.pk == moved else ""
        found.append(Line(_row(row, rows), known[row.kind], above, below, focus))
    return found


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


def _row(automation: Automation, others: Sequence[Automation]) -> Row:
    of_kind = [one for one in others if one.kind == automation.kind]
    first = going_first(automation, of_kind)
    everybody = [one for one in first if one.audience == audiences.EVERYBODY]
    return Row(
        automation,
        audiences.in_words(automation.audience),
        everybody[0] if everybody else None,
    )
