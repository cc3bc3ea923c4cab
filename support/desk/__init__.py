"""What this app adds to the pages of the desk: see `crm/page_parts`."""

from collections.abc import Collection
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from crm import selectors as crm_selectors
from crm.access import Capability
from crm.models import Customer
from crm.page_parts import (
    Count,
    MenuLine,
    SettingsPage,
    TimelineEntry,
    TimelineSource,
    register,
)
from crm.request_context import RequestContext
from crm.rules import names
from support.desk import beside, mailboxes, writing
from support.models import Mail
from support.rules import quoting

# --- Timeline ------------------------------------------------------------------------


def _mails(
    context: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    rows = Mail.objects.select_related("author").filter(pk__in=moments)
    sees = context.can(Capability.SEE_CONVERSATIONS)
    replies = context.can(Capability.REPLY)
    theirs = crm_selectors.emails_of(customer) if moments and sees else []
    return {row.pk: _mail(row, theirs, sees, replies) for row in rows}


def _mail(
    row: Mail, theirs: Collection[str], sees: bool, replies: bool
) -> TimelineEntry:
    hidden = _("Your role does not show what was written.")
    return TimelineEntry(
        key=f"mail-{row.pk}",
        icon="mail" if row.is_ours else "mail-open",
        heading=_("Mail from us") if row.is_ours else _("Mail"),
        at=row.at,
        actor=str(row.author) if row.author else "",
        tail=f"· {row.subject}" if row.subject and sees else "",
        body=quoting.folded(row.text)[0][:2_000] if sees else "",
        note=_note(row, theirs) if sees else hidden,
        page_url=_page_url(row, sees),
        reply_url=(
            reverse("support:reply", args=[row.conversation_id])
            if replies and not row.is_ours
            else ""
        ),
    )


def _note(row: Mail, theirs: Collection[str]) -> str:
    if row.is_automatic:
        return _("Written by a machine.")
    is_theirs = names.normalise_email(row.from_address) in theirs
    if row.is_ours or is_theirs or not row.from_address:
        return ""
    return _("From %(sender)s") % {"sender": row.sender}


def _page_url(row: Mail, sees: bool) -> str:
    if not sees:
        return ""
    return reverse("support:conversation", args=[row.conversation_id])


# --- What waits for whoever reads ----------------------------------------------------


def _owed_rows(context: RequestContext) -> sql.Composable:
    """Mine, and what is unassigned."""
    return sql.SQL(
        "SELECT 1 FROM support_conversation WHERE state = 'open'"
        " AND (assignee_id = {me} OR assignee_id IS NULL)"
    ).format(me=sql.Literal(context.user.pk))


register(
    TimelineSource(
        name="mail",
        order=7,
        table="support_mail",
        at=sql.Identifier("at"),
        filter="conversations",
        read=_mails,
    ),
    MenuLine(
        name="conversations",
        order=24,
        capability=Capability.SEE_CONVERSATIONS,
        label=gettext_lazy("Conversations"),
        icon="chat",
        url_name="support:conversation-list",
        group="work",
        counts=(Count(rows=_owed_rows, capability=Capability.SEE_CONVERSATIONS),),
        key="m",
    ),
    SettingsPage(
        name="mailboxes",
        order=35,
        capability=Capability.CHANGE_SETTINGS,
        label=gettext_lazy("Mailboxes"),
        url_name="support:mailbox-list",
    ),
    SettingsPage(
        name="inbox_rules",
        order=36,
        capability=Capability.CHANGE_SETTINGS,
        label=gettext_lazy("Rules of the inbox"),
        url_name="support:rule-list",
    ),
    SettingsPage(
        name="absence",
        order=26,
        capability=Capability.REPLY,
        label=gettext_lazy("Away"),
        url_name="support:absence",
    ),
    SettingsPage(
        name="notices",
        order=27,
        capability=Capability.SEE_CONVERSATIONS,
        label=gettext_lazy("Notices"),
        url_name="support:notices",
    ),
    *beside.PARTS,
    *writing.PARTS,
    *mailboxes.PARTS,
)
