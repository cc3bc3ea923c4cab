"""On Today of whoever may change settings: mailboxes that cannot be read."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from psycopg import sql

from crm.access import Capability
from crm.page_parts import Count, Tab, Task, TodayItems
from crm.request_context import RequestContext
from support.models import Mailbox
from support.selectors import mailboxes
from web.spans import since


def _rows(context: RequestContext) -> sql.Composable:
    return sql.SQL("SELECT 1 FROM support_mailbox WHERE is_on AND trouble <> ''")


def _read(context: RequestContext, tab: Tab) -> Sequence[Task]:
    return [_task(context, row) for row in mailboxes.troubled()]


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
        % {"why": mailboxes.TROUBLE.get(row.trouble, row.trouble)},
        due=since(row.trouble_since, context.now),
        action=_("Open"),
        action_url=url,
    )


PARTS = (
    TodayItems(
        name="mailbox_trouble",
        order=4,
        capability=Capability.CHANGE_SETTINGS,
        count=Count(rows=_rows, capability=Capability.CHANGE_SETTINGS),
        read=_read,
    ),
)
