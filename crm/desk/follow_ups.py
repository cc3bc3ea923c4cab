"""Follow-ups on Today, on the customer page and in the menu."""

from dataclasses import replace
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from psycopg import sql

from crm.access import Capability
from crm.desk.follow_up_tasks import FollowUpTask, due, late_by, tasks
from crm.models import Customer, FollowUp
from crm.page_parts import (
    MOST_ITEMS,
    Cell,
    Count,
    CustomerAction,
    CustomerBadge,
    GlanceCell,
    MenuLine,
    OpenSection,
    ReplySource,
    ReplyStart,
    Tab,
    TodayItems,
    parts_of,
    with_places,
)
from crm.request_context import RequestContext
from crm.rules.choices import FollowUpState
from crm.rules.lateness import DAYS_AHEAD
from crm.services.follow_ups import OWED
from web.addresses import address
from web.rules.numbers import whole_number

MOST_OPEN = 20


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
    return tasks(context, list(with_places(context, rows)[:MOST_ITEMS]))


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
    return tasks(context, _owed_to(context, customer))


# --- The strip -----------------------------------------------------------------------


def _open_cell(context: RequestContext, customer: Customer) -> Cell:
    rows = _owed_to(context, customer)
    n = len(rows)
    if not n:
        return Cell(_("Nothing"))
    late = next((late for row in rows if (late := late_by(context, row))), "")
    words = ngettext("%(n)s follow-up", "%(n)s follow-ups", n) % {"n": n}
    return Cell(words, bad=late)


def _next_due(context: RequestContext, customer: Customer) -> Cell:
    rows = _owed_to(context, customer)
    if not rows:
        return Cell(_("Nothing"))
    who = str(rows[0].assignee) if rows[0].assignee else _("nobody yet")
    return Cell(due(context, rows[0], ""), who)


# --- Where they begin ----------------------------------------------------------------


def _create_url(customer: Customer) -> str:
    return address("crm:follow-up-create", customer.pk)


# --- Parts ---------------------------------------------------------------------------

# --- Mails about them ----------------------------------------------------------------


def _reply_start(pk: int) -> ReplyStart | None:
    """With the words of the answer that opened it, where one did."""
    row = FollowUp.objects.select_related("customer").filter(pk=pk).first()
    if row is None or not row.customer.is_live:
        return None
    name, _colon, number = (row.source_key or "").partition(":")
    opened_by = whole_number(number)
    for source in parts_of(ReplySource):
        if source.name == name != "follow_up" and opened_by is not None:
            start = source.read(opened_by)
            # Anyone who sees the follow-up knows the customer.
            return replace(start, follow_up=row, capability=None) if start else None
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
