"""The rows of Today: each says who, why, by when, and the one thing to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Customer, FollowUp
from crm.request_context import RequestContext
from desk.rules import lateness
from desk.selectors.health import span
from messaging.models import Circuit, Message
from messaging.selectors.circuits import why
from messaging.selectors.outbox import kind_label
from surveys.models import Response

# A follow-up that an answer opened names it here; the words stay with the answer.
RESPONSE_KEY = "response:"


@dataclass(frozen=True)
class Task:
    """`template` draws what differs; everything here is ready to be shown."""

    key: str
    template: str
    icon: str
    tone: str
    due_on: date
    due_at: datetime | None = None
    is_now: bool = False
    who: str = ""
    customer: Customer | None = None
    why: str = ""
    late: str = ""
    due: str = ""
    note: str = ""
    follow_up: FollowUp | None = None
    response: Response | None = None
    message: Message | None = None


# --- Follow-ups ----------------------------------------------------------------------


def of_follow_ups(reader: RequestContext, rows: Sequence[FollowUp]) -> list[Task]:
    answers = _answers(rows)
    return [_follow_up(reader, row, answers.get(row.source_key or "")) for row in rows]


def _answers(rows: Sequence[FollowUp]) -> dict[str, Response]:
    """The answers that opened these follow-ups, by source key."""
    ids = [
        int(number)
        for row in rows
        if (row.source_key or "").startswith(RESPONSE_KEY)
        and (number := (row.source_key or "").removeprefix(RESPONSE_KEY)).isdigit()
    ]
    if not ids:
        return {}
    found = Response.objects.filter(pk__in=ids).select_related("invitation__order")
    return {f"{RESPONSE_KEY}{response.pk}": response for response in found}


def _follow_up(reader: RequestContext, row: FollowUp, answer: Response | None) -> Task:
    late = _late(reader, row) if row.done_at is None else ""
    return Task(
        key=f"follow-up-{row.pk}",
        template="desk/_task_follow_up.html",
        icon="chat" if answer else "flag",
        tone=_tone(row, late, answer),
        due_on=row.due_on,
        due_at=row.due_at,
        who=str(row.customer),
        customer=row.customer,
        why=row.why,
        late=late,
        due=_due(reader, row, late),
        note=_whose(reader, row),
        follow_up=row,
        response=answer,
    )


def _tone(row: FollowUp, late: str, answer: Response | None) -> str:
    if row.done_at is not None:
        return "good"
    if late or row.is_urgent:
        return "bad"
    return "warn" if answer else "info"


def _late(reader: RequestContext, row: FollowUp) -> str:
    is_over = row.due_at <= reader.now if row.due_at else row.due_on < reader.today
    if not is_over:
        return ""
    late = lateness(
        due_on=row.due_on, due_at=row.due_at, now=reader.now, today=reader.today
    )
    if late.days:
        return ngettext("%(n)s day late", "%(n)s days late", late.days) % {
            "n": late.days
        }
    if late.hours:
        return _("%(n)s\N{NO-BREAK SPACE}h late") % {"n": late.hours}
    return _("%(n)s\N{NO-BREAK SPACE}min late") % {"n": late.minutes}


def _due(reader: RequestContext, row: FollowUp, late: str) -> str:
    if row.done_at is not None:
        clock = row.done_at.astimezone(reader.zone).strftime("%H:%M")
        return _("done %(clock)s") % {"clock": clock}
    local = row.due_at.astimezone(reader.zone) if row.due_at else None
    day = local.date() if local else row.due_on
    clock = local.strftime("%H:%M") if local else ""
    if day == reader.today:
        words = clock or _("today")
        if late:
            return _("due %(when)s") % {"when": words}
        return _("by %(clock)s") % {"clock": clock} if clock else words
    words = date_format(day, "D j M" if day.year == reader.today.year else "j M Y")
    return _("due %(when)s") % {"when": words} if late else words


def _whose(reader: RequestContext, row: FollowUp) -> str:
    if row.done_at is not None:
        return _("Done by %(name)s.") % {"name": row.done_by} if row.done_by else ""
    if row.assignee_id is None:
        return _("Nobody has taken it yet.")
    if row.assignee_id != reader.user.pk:
        return _("With %(name)s.") % {"name": row.assignee}
    return ""


def due_words(reader: RequestContext, row: FollowUp) -> str:
    """When it is due, without saying that it is late."""
    return _due(reader, row, "")


def latest(reader: RequestContext, rows: Sequence[FollowUp]) -> str:
    """How late the first of them is; empty where nothing is."""
    return next((late for row in rows if (late := _late(reader, row))), "")


# --- Mail and reviews ----------------------------------------------------------------


def of_circuits(reader: RequestContext, circuits: Sequence[Circuit]) -> list[Task]:
    """One item however many transports are ill: the cause is one."""
    if not circuits:
        return []
    opened = min((row.opened_at for row in circuits if row.opened_at), default=None)
    return [
        Task(
            key="circuit",
            template="desk/_task_circuit.html",
            icon="triangle",
            tone="bad",
            due_on=reader.today,
            is_now=True,
            who=_("Mail is not leaving"),
            why=_("%(why)s Nothing is lost: all of it waits.")
            % {"why": why(circuits[0], sees_customers=reader.sees_customers)},
            due=_since(reader, opened),
        )
    ]


def of_messages(reader: RequestContext, rows: Sequence[Message]) -> list[Task]:
    return [
        Task(
            key=f"message-{row.pk}",
            template="desk/_task_message.html",
            icon="question",
            tone="warn",
            due_on=reader.today,
            is_now=True,
            who=str(row.customer),
            customer=row.customer,
            why=_(
                "“%(kind)s” may or may not have left: the mail server hung up."
                " Choose once."
            )
            % {"kind": kind_label(row.kind)},
            due=_since(reader, row.handed_at or row.final_at),
            message=row,
        )
        for row in rows
    ]


def of_reviews(reader: RequestContext, written: Sequence[datetime]) -> list[Task]:
    if not written:
        return []
    n = len(written)
    return [
        Task(
            key="reviews",
            template="desk/_task_reviews.html",
            icon="star",
            tone="off",
            due_on=reader.today,
            is_now=True,
            who=ngettext("%(n)s review", "%(n)s reviews", n) % {"n": n},
            why=_("Held until a person has read them. Oldest %(span)s.")
            % {"span": span(reader.now - written[0])},
            due=_since(reader, written[0]),
        )
    ]


def _since(reader: RequestContext, moment: datetime | None) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(reader.zone)
    if local.date() == reader.today:
        return _("since %(when)s") % {"when": local.strftime("%H:%M")}
    return _("since %(when)s") % {"when": date_format(local, "D j M")}
