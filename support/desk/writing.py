"""On Today: what did not arrive, what waits too long, and who asks for me."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from crm.access import Capability
from crm.models import Customer
from crm.page_parts import Count, CustomerAction, SettingsPage, Tab, Task, TodayItems
from crm.request_context import RequestContext
from messaging.models import Message
from messaging.rules.choices import State
from support.models import Draft, Mail, Mention
from support.selectors import threads
from support.services import sending_later
from web.addresses import address
from web.spans import since

# A person waits for a mail that they wrote: longer than this is worth a word.
LATE_AFTER = timedelta(minutes=5)
_MOST = 50


# --- Mail that did not arrive --------------------------------------------------------


def _failed_rows(context: RequestContext) -> sql.Composable:
    return sql.SQL(
        "SELECT 1 FROM support_mail WHERE author_id = {} AND failed_at IS NOT NULL"
    ).format(sql.Literal(context.user.pk))


def _failed(context: RequestContext, tab: Tab) -> Sequence[Task]:
    rows = (
        Mail.objects.filter(author=context.user, failed_at__isnull=False)
        .select_related("conversation", "customer")
        .order_by("failed_at", "pk")[:_MOST]
    )
    return [
        _task(
            context,
            mail,
            key=f"mail-failed-{mail.pk}",
            tone="bad",
            why=_("“%(subject)s” did not reach everybody.") % {"subject": mail.subject},
            due=since(mail.failed_at, context.now),
        )
        for mail in rows
    ]


# --- Mail that waits -----------------------------------------------------------------


def _late_rows(context: RequestContext) -> sql.Composable:
    # Two questions, each with its partial index: what waits, and what is under way.
    rest = sql.SQL(
        " AND customer_id IS NULL AND kind = {} AND planned_at < {} AND why @> {}"
    ).format(
        sql.Literal(threads.KIND),
        sql.Literal(context.now - LATE_AFTER),
        sql.Literal(f'{{"by": {context.user.pk}}}'),
    )
    asked = "SELECT 1 FROM messaging_message WHERE state "
    waits = sql.SQL(asked + "= 'planned'") + rest
    leaves = sql.SQL(asked + "IN ('claimed', 'handed')") + rest
    return waits + sql.SQL(" UNION ALL ") + leaves


def _late(context: RequestContext, tab: Tab) -> Sequence[Task]:
    mine = Message.objects.filter(
        customer=None,
        kind=threads.KIND,
        # Not `not_before`: a server that wants to be asked later moves that on.
        planned_at__lt=context.now - LATE_AFTER,
        why__contains={"by": context.user.pk},
    )
    waits = mine.filter(state=State.PLANNED.value)
    leaves = mine.filter(state__in=[State.CLAIMED.value, State.HANDED.value])
    late = waits.union(leaves, all=True).order_by("pk")[:_MOST]
    since_when = {threads.mail_id_of(one): one.planned_at for one in late}
    rows = Mail.objects.filter(pk__in=since_when).select_related(
        "conversation", "customer"
    )
    return [
        _task(
            context,
            mail,
            key=f"mail-late-{mail.pk}",
            tone="warn",
            why=_("“%(subject)s” has not left yet.") % {"subject": mail.subject},
            due=since(since_when[mail.pk], context.now),
        )
        for mail in rows.order_by("pk")
    ]


# --- Drafts that were to go by themselves -------------------------------------------


def _held_back_rows(context: RequestContext) -> sql.Composable:
    return sql.SQL(
        "SELECT 1 FROM support_draft WHERE author_id = {} AND held_back <> ''"
    ).format(sql.Literal(context.user.pk))


def _held_back(context: RequestContext, tab: Tab) -> Sequence[Task]:
    rows = (
        Draft.objects.filter(author=context.user)
        .exclude(held_back="")
        .select_related("conversation", "customer")
        .order_by("changed_at", "pk")[:_MOST]
    )
    return [_not_sent(context, row) for row in rows]


def _not_sent(context: RequestContext, row: Draft) -> Task:
    why = _("“%(subject)s” could not be sent by itself. It is kept as a draft.")
    if row.held_back == sending_later.THEY_WROTE_FIRST:
        why = _("“%(subject)s” was not sent by itself: they wrote first.")
    subject = row.subject or _("Without a subject")
    return Task(
        key=f"draft-{row.pk}",
        icon="mail",
        tone="warn",
        due_on=context.today,
        is_now=True,
        who=str(row.customer or row.conversation or row.to or subject),
        url=row.get_absolute_url(),
        customer=row.customer,
        why=why % {"subject": subject},
        action=_("Open the draft"),
        action_url=row.get_absolute_url(),
    )


# --- Notes ---------------------------------------------------------------------------


def _mention_rows(context: RequestContext) -> sql.Composable:
    return sql.SQL(
        "SELECT 1 FROM support_mention WHERE user_id = {} AND seen_at IS NULL"
    ).format(sql.Literal(context.user.pk))


def _mentions(context: RequestContext, tab: Tab) -> Sequence[Task]:
    rows = (
        Mention.objects.filter(user=context.user, seen_at=None)
        .select_related("note__author", "note__conversation__customer")
        .order_by("pk")[:_MOST]
    )
    return [_asked_for(context, row) for row in rows]


def _asked_for(context: RequestContext, row: Mention) -> Task:
    conversation = row.note.conversation
    name = row.note.author.name if row.note.author else _("A colleague")
    return Task(
        key=f"mention-{row.pk}",
        icon="chat",
        tone="info",
        due_on=context.today,
        is_now=True,
        who=str(conversation.customer or conversation),
        url=conversation.get_absolute_url(),
        customer=conversation.customer,
        why=_("%(name)s asks for you in a note.") % {"name": name},
        note=row.note.text[:200],
        due=since(row.note.at, context.now),
        action=_("Read"),
        action_url=conversation.get_absolute_url(),
    )


def _task(
    context: RequestContext, mail: Mail, *, key: str, tone: str, why: str, due: str
) -> Task:
    url = f"{mail.conversation.get_absolute_url()}#mail-{mail.pk}"
    return Task(
        key=key,
        icon="mail",
        tone=tone,
        due_on=context.today,
        is_now=True,
        who=str(mail.customer or mail.conversation),
        url=url,
        customer=mail.customer,
        why=why,
        due=due,
        action=_("See why"),
        action_url=url,
    )


def _new_mail_to(customer: Customer) -> str:
    return f"{address('support:mail-create')}?customer={customer.pk}"


PARTS = (
    CustomerAction(
        name="write_mail",
        order=15,
        capability=Capability.REPLY,
        label=gettext_lazy("Write a mail"),
        icon="mail",
        url=_new_mail_to,
    ),
    TodayItems(
        name="mail_failed",
        order=22,
        capability=Capability.REPLY,
        count=Count(rows=_failed_rows, capability=Capability.REPLY),
        read=_failed,
    ),
    TodayItems(
        name="late_mail",
        order=23,
        capability=Capability.REPLY,
        count=Count(rows=_late_rows, capability=Capability.REPLY),
        read=_late,
    ),
    TodayItems(
        name="held_back_drafts",
        order=21,
        capability=Capability.REPLY,
        count=Count(rows=_held_back_rows, capability=Capability.REPLY),
        read=_held_back,
    ),
    TodayItems(
        name="mentions",
        order=24,
        capability=Capability.SEE_CONVERSATIONS,
        count=Count(rows=_mention_rows, capability=Capability.SEE_CONVERSATIONS),
        read=_mentions,
    ),
    SettingsPage(
        name="saved_replies",
        order=25,
        capability=Capability.REPLY,
        label=gettext_lazy("Saved replies"),
        url_name="support:saved-reply-list",
    ),
)
