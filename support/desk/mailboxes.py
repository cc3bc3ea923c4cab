"""Mailboxes: how each is, and on Today of whoever may change settings those that
cannot be read."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from psycopg import sql

from crm.access import Capability
from crm.page_parts import Count, Status, StatusSource, Tab, Task, TodayItems
from crm.request_context import RequestContext
from support.models import Mailbox
from support.selectors import mailboxes
from web.spans import since, span

# Each is read every minute; a long pass over others may come in between.
UNREAD_AFTER = timedelta(minutes=15)


def _rows(context: RequestContext) -> sql.Composable:
    return sql.SQL("SELECT 1 FROM support_mailbox WHERE is_on AND error_code <> ''")


def _read(context: RequestContext, tab: Tab) -> Sequence[Task]:
    return [_task(context, row) for row in mailboxes.failing()]


def _task(context: RequestContext, row: Mailbox) -> Task:
    url = reverse("support:mailbox-edit", args=[row.pk])
    return Task(
        key=f"mailbox-{row.pk}",
        icon="triangle",
        tone="bad",
        due_on=context.today,
        is_now=True,
        who=_("Mailbox %(name)s") % {"name": row.name},
        url=url,
        why=_("It is not read. %(why)s")
        % {"why": mailboxes.MAILBOX_ERRORS.get(row.error_code, row.error_code)},
        due=since(row.error_since, context.now),
        action=_("Open"),
        action_url=url,
    )


# --- In the settings -----------------------------------------------------------------


def _statuses(context: RequestContext) -> Sequence[Status]:
    """When each was read, or what is wrong, in words."""
    rows = Mailbox.objects.filter(is_on=True).exclude(host="").order_by("name", "pk")
    return [_status(row, context.now) for row in rows]


def _status(row: Mailbox, now: datetime) -> Status:
    label = _("Mailbox %(name)s") % {"name": row.name}
    if row.error_code:
        return Status(label, False, _in_error(row, now))
    if row.read_at is None:
        return Status(label, True, _("Not read yet"))
    return Status(label, now - row.read_at <= UNREAD_AFTER, _read_ago(row.read_at, now))


def _read_ago(moment: datetime, now: datetime) -> str:
    return _("Read %(span)s ago") % {"span": span(now - moment)}


def _in_error(row: Mailbox, now: datetime) -> str:
    words = [str(mailboxes.MAILBOX_ERRORS.get(row.error_code, row.error_code))]
    if row.read_at:
        words.append(f"{_read_ago(row.read_at, now)}.")
    if row.next_try_at and row.next_try_at > now:
        words.append(_("Next try in %(span)s.") % {"span": span(row.next_try_at - now)})
    return " ".join(words)


PARTS = (
    StatusSource(name="mailboxes", order=30, read=_statuses, is_on_today=False),
    TodayItems(
        name="mailbox_error",
        order=4,
        capability=Capability.CHANGE_SETTINGS,
        count=Count(rows=_rows, capability=Capability.CHANGE_SETTINGS),
        read=_read,
    ),
)
