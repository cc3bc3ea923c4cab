"""Follow-ups in words, as Today and the customer page show them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.models import FollowUp
from crm.page_parts import (
    FollowUpOrigin,
    Place,
    Task,
    due_words,
    late_words,
    parts_for,
    place_of,
)
from crm.request_context import RequestContext
from web.rules.numbers import whole_number


@dataclass(frozen=True, kw_only=True)
class FollowUpTask(Task):
    """`origin` is the row that opened it, drawn by `origin_template`; None: `why`.
    `place` is where else it stands."""

    follow_up: FollowUp
    origin: object = None
    place: Place | None = None
    origin_template: str = ""


def tasks(context: RequestContext, rows: Sequence[FollowUp]) -> list[FollowUpTask]:
    """Follow-ups as they stand on Today: in words, with what opened them."""
    origins = _origins(context, rows)
    return [_task(context, row, *origins.get(row.pk, (None, None))) for row in rows]


def _origins(
    context: RequestContext, rows: Sequence[FollowUp]
) -> dict[int, tuple[FollowUpOrigin, object]]:
    """Follow-up id to what opened it, in one query for each part that has any."""
    parts = {part.name: part for part in parts_for(FollowUpOrigin, context)}
    wanted: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        name, _colon, number = (row.source_key or "").partition(":")
        pk = whole_number(number)
        if name in parts and pk is not None:
            wanted[name][row.pk] = pk
    read = {name: parts[name].read([*ids.values()]) for name, ids in wanted.items()}
    return {
        pk: (parts[name], read[name][number])
        for name, ids in wanted.items()
        for pk, number in ids.items()
        if number in read[name]
    }


def _task(
    context: RequestContext,
    row: FollowUp,
    part: FollowUpOrigin | None,
    origin: object,
) -> FollowUpTask:
    late = late_by(context, row) if row.done_at is None else ""
    return FollowUpTask(
        key=f"follow-up-{row.pk}",
        template="crm/_follow_up_task.html",
        icon=part.icon if part else "flag",
        tone=_tone(row, late, part),
        due_on=row.due_on,
        due_at=row.due_at,
        who=str(row.customer),
        url=row.customer.get_absolute_url(),
        customer=row.customer,
        why=row.why,
        late=late,
        due=due(context, row, late),
        note=_whose(context, row),
        follow_up=row,
        origin=origin,
        origin_template=part.template if part else "",
        place=place_of(context, row),
    )


def _tone(row: FollowUp, late: str, part: FollowUpOrigin | None) -> str:
    if row.done_at is not None:
        return "good"
    if late or row.is_urgent:
        return "bad"
    return part.tone if part else "info"


def late_by(context: RequestContext, row: FollowUp) -> str:
    """ "2 days late"; empty where it is not."""
    return late_words(context, row.due_on, row.due_at)


def due(context: RequestContext, row: FollowUp, late: str) -> str:
    """When it is due, or was done; `late`: what `late_by` says of it."""
    if row.done_at is not None:
        clock = row.done_at.astimezone(context.zone).strftime("%H:%M")
        return _("done %(clock)s") % {"clock": clock}
    return due_words(context, row.due_on, row.due_at, late)


def _whose(context: RequestContext, row: FollowUp) -> str:
    if row.done_at is not None:
        return _("Done by %(name)s.") % {"name": row.done_by} if row.done_by else ""
    if row.assignee_id is None:
        return _("Nobody has taken it yet.")
    if row.assignee_id != context.user.pk:
        return _("With %(name)s.") % {"name": row.assignee}
    return ""
