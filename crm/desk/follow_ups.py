"""Follow-ups on Today, on the customer page and in the menu."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from psycopg import sql

from crm.access import Capability
from crm.models import Customer, FollowUp
from crm.page_parts import (
    MOST_ITEMS,
    Cell,
    Count,
    CustomerAction,
    CustomerBadge,
    FollowUpOrigin,
    GlanceCell,
    MenuLine,
    OpenSection,
    Place,
    ReplySource,
    ReplyStart,
    Tab,
    Task,
    TodayItems,
    parts_for,
    parts_of,
    place_of,
    with_places,
)
from crm.request_context import RequestContext
from crm.rules.choices import FollowUpState
from crm.rules.lateness import DAYS_AHEAD, lateness
from crm.services.follow_ups import OWED

MOST_OPEN = 20


@dataclass(frozen=True, kw_only=True)
class FollowUpTask(Task):
    """`origin` is the row that opened it, drawn by `origin_template`; None: `why`.
    `place` is where else it stands."""

    follow_up: FollowUp
    origin: object = None
    place: Place | None = None
    origin_template: str = ""


# --- How many ------------------------------------------------------------------------

_OWED = "SELECT 1 FROM crm_followup WHERE state IN ('open', 'taken')"
_MINE = " AND (assignee_id = {me} OR assignee_id IS NULL)"
_SOON = " AND due_on <= {until}"


def _mine(context: RequestContext) -> sql.Composable:
    return sql.SQL(_OWED + _MINE + _SOON).format(
        me=sql.Literal(context.user.pk), until=_until(context)
    )


def _all_mine(context: RequestContext) -> sql.Composable:
    return sql.SQL(_OWED + _MINE).format(me=sql.Literal(context.user.pk))


def _team(context: RequestContext) -> sql.Composable:
    return sql.SQL(_OWED + _SOON).format(until=_until(context))


def _done_today(context: RequestContext) -> sql.Composable:
    begins, ends = context.day
    return sql.SQL(
        "SELECT 1 FROM crm_followup WHERE done_at >= {} AND done_at < {}"
        " AND state = 'done'"
    ).format(sql.Literal(begins), sql.Literal(ends))


def _until(context: RequestContext) -> sql.Literal:
    return sql.Literal(context.today + timedelta(days=DAYS_AHEAD))


# --- Which ---------------------------------------------------------------------------


def _items(context: RequestContext, tab: Tab) -> list[FollowUpTask]:
    rows = _done(context) if tab is Tab.DONE else _open(context, tab)
    return _tasks(context, list(with_places(context, rows)[:MOST_ITEMS]))


def _open(context: RequestContext, tab: Tab) -> QuerySet[FollowUp]:
    """Earliest first. Unassigned follow-ups are for every user."""
    rows = _owed_rows()
    if tab is Tab.MINE:
        rows = rows.filter(Q(assignee=context.user) | Q(assignee=None))
    return rows


def _owed_rows() -> QuerySet[FollowUp]:
    rows = FollowUp.objects.filter(state__in=OWED)
    return rows.select_related("customer", "assignee").order_by(
        "due_on", "due_at", "id"
    )


def _done(context: RequestContext) -> QuerySet[FollowUp]:
    begins, ends = context.day
    return (
        FollowUp.objects.filter(
            state=FollowUpState.DONE.value, done_at__gte=begins, done_at__lt=ends
        )
        .select_related("customer", "assignee", "done_by")
        .order_by("-done_at", "-id")
    )


def _owed_to(context: RequestContext, customer: Customer) -> list[FollowUp]:
    return context.once(_read_owed_to, context, customer)


def _read_owed_to(context: RequestContext, customer: Customer) -> list[FollowUp]:
    rows = _owed_rows().filter(customer=customer)
    return list(with_places(context, rows)[:MOST_OPEN])


def _open_with(context: RequestContext, customer: Customer) -> list[FollowUpTask]:
    return _tasks(context, _owed_to(context, customer))


# --- What opened them ----------------------------------------------------------------


def _tasks(context: RequestContext, rows: Sequence[FollowUp]) -> list[FollowUpTask]:
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
        if name in parts and number.isdigit():
            wanted[name][row.pk] = int(number)
    read = {name: parts[name].read([*ids.values()]) for name, ids in wanted.items()}
    return {
        pk: (parts[name], read[name][number])
        for name, ids in wanted.items()
        for pk, number in ids.items()
        if number in read[name]
    }


# --- In words ------------------------------------------------------------------------


def _task(
    context: RequestContext,
    row: FollowUp,
    part: FollowUpOrigin | None,
    origin: object,
) -> FollowUpTask:
    late = _late(context, row) if row.done_at is None else ""
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
        due=_due(context, row, late),
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


def _late(context: RequestContext, row: FollowUp) -> str:
    is_over = row.due_at <= context.now if row.due_at else row.due_on < context.today
    if not is_over:
        return ""
    late = lateness(
        due_on=row.due_on, due_at=row.due_at, now=context.now, today=context.today
    )
    if late.days:
        return ngettext("%(n)s day late", "%(n)s days late", late.days) % {
            "n": late.days
        }
    if late.hours:
        return _("%(n)s\N{NO-BREAK SPACE}h late") % {"n": late.hours}
    return _("%(n)s\N{NO-BREAK SPACE}min late") % {"n": late.minutes}


def _due(context: RequestContext, row: FollowUp, late: str) -> str:
    if row.done_at is not None:
        clock = row.done_at.astimezone(context.zone).strftime("%H:%M")
        return _("done %(clock)s") % {"clock": clock}
    local = row.due_at.astimezone(context.zone) if row.due_at else None
    day = local.date() if local else row.due_on
    clock = local.strftime("%H:%M") if local else ""
    if day == context.today:
        words = clock or _("today")
        if late:
            return _("due %(when)s") % {"when": words}
        return _("by %(clock)s") % {"clock": clock} if clock else words
    words = date_format(day, "D j M" if day.year == context.today.year else "j M Y")
    return _("due %(when)s") % {"when": words} if late else words


def _whose(context: RequestContext, row: FollowUp) -> str:
    if row.done_at is not None:
        return _("Done by %(name)s.") % {"name": row.done_by} if row.done_by else ""
    if row.assignee_id is None:
        return _("Nobody has taken it yet.")
    if row.assignee_id != context.user.pk:
        return _("With %(name)s.") % {"name": row.assignee}
    return ""


# --- The strip -----------------------------------------------------------------------


def _open_cell(context: RequestContext, customer: Customer) -> Cell:
    rows = _owed_to(context, customer)
    n = len(rows)
    if not n:
        return Cell(_("Nothing"))
    late = next((late for row in rows if (late := _late(context, row))), "")
    words = ngettext("%(n)s follow-up", "%(n)s follow-ups", n) % {"n": n}
    return Cell(words, bad=late)


def _next_due(context: RequestContext, customer: Customer) -> Cell:
    rows = _owed_to(context, customer)
    if not rows:
        return Cell(_("Nothing"))
    who = str(rows[0].assignee) if rows[0].assignee else _("nobody yet")
    return Cell(_due(context, rows[0], ""), who)


# --- Where they begin ----------------------------------------------------------------


def _create_url(customer: Customer) -> str:
    return reverse("crm:follow-up-create", args=[customer.pk])


# --- Parts ---------------------------------------------------------------------------

# --- Mails about them ----------------------------------------------------------------


def _reply_start(pk: int) -> ReplyStart | None:
    """With the words of the answer that opened it, where one did."""
    row = FollowUp.objects.select_related("customer").filter(pk=pk).first()
    if row is None or not row.customer.is_live:
        return None
    name, _colon, number = (row.source_key or "").partition(":")
    for source in parts_of(ReplySource):
        if source.name == name != "follow_up" and number.isdigit():
            start = source.read(int(number))
            return replace(start, follow_up=row) if start else None
    return ReplyStart(customer=row.customer, follow_up=row)


PARTS = (
    ReplySource(
        name="follow_up",
        order=10,
        capability=Capability.SEE_CUSTOMERS,
        read=_reply_start,
    ),
    TodayItems(
        name="follow_ups",
        order=40,
        capability=Capability.SEE_CUSTOMERS,
        read=_items,
        count=Count(rows=_mine),
        team=Count(rows=_team),
        done=Count(rows=_done_today),
    ),
    MenuLine(
        name="follow_ups",
        order=30,
        capability=Capability.SEE_CUSTOMERS,
        label=gettext_lazy("Follow-ups"),
        icon="flag",
        url_name="crm:follow-up-list",
        group="work",
        counts=(Count(rows=_all_mine),),
        key="f",
    ),
    OpenSection(
        name="follow_ups",
        order=10,
        label=gettext_lazy("Follow-ups"),
        template="crm/_follow_up_open.html",
        read=_open_with,
    ),
    CustomerAction(
        name="follow_up",
        order=20,
        capability=Capability.LOG_CONTACT,
        label=gettext_lazy("Follow-up"),
        url=_create_url,
        key="f",
        in_place=True,
    ),
    CustomerBadge(
        name="follow_up",
        order=10,
        label=gettext_lazy("Follow-up"),
        icon="flag",
        condition=Exists(
            FollowUp.objects.filter(customer=OuterRef("pk"), state__in=OWED)
        ),
    ),
    GlanceCell(name="open", order=30, label=gettext_lazy("Open"), read=_open_cell),
    GlanceCell(name="due", order=40, label=gettext_lazy("Next due"), read=_next_due),
)
