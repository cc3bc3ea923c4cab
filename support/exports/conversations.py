"""Conversations, their mails and notes, for whoever may see them on pages.

They begin with people that we know and with others; of these the customer's id is
empty.
"""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.datasets import Cell, Cells, Dataset, Filters, address_of, register
from crm.models import User
from support.models import Conversation, Mail, Note, RawMail
from support.rules.choices import RawState
from support.selectors import lists, searching
from web.rules.numbers import whole_number

_SEES = frozenset({Capability.SEE_CONVERSATIONS})


def _conversations(filters: Filters) -> "QuerySet[Conversation]":
    """As their lists narrow them; all without a tab."""
    rows, asked = Conversation.objects.all(), lists.Filters.of(filters)
    if typed := filters.get("q", "").strip():
        return searching.found(typed).everything.filter(asked.condition)
    if (tab := filters.get("tab", "")) in set(lists.Tab):
        whose = User.objects.filter(
            pk=whole_number(filters.get("whose", "")) or 0
        ).first()
        if whose is None:
            return rows.none()
        rows = rows.filter(lists.condition_of(lists.Tab(tab), whose))
    return rows.filter(asked.condition)


def _all_conversations(filters: Filters) -> "QuerySet[Conversation]":
    rows = Conversation.objects.select_related(
        "customer", "mailbox", "assignee", "closed_by"
    )
    return rows.prefetch_related("tags")


def _conversation_cells(conversations: Sequence[Conversation]) -> Cells:
    for row in conversations:
        yield {
            **_whose(row),
            "address": row.address,
            "mailbox": row.mailbox.name if row.mailbox else "",
            "subject": row.subject,
            "state": row.state,
            "kind": row.kind,
            "language": row.language,
            "tags": ";".join(sorted(tag.name for tag in row.tags.all())),
            "colleague": address_of(row.assignee),
            "is_spam": row.is_spam,
            "side_of": row.side_of_id,
            "joined_into": row.joined_into_id,
            "opened_at": row.opened_at,
            "last_mail_at": row.last_mail_at,
            "closed_at": row.closed_at,
            "closed_by": address_of(row.closed_by),
            "outcome": row.outcome,
        }


def _mails(filters: Filters) -> "QuerySet[Mail]":
    """Of conversations as their lists narrow them; all without a tab."""
    rows = Mail.objects.select_related("conversation__customer", "author").defer(
        "html", "search_text"
    )
    if not filters:
        return rows
    # As a statement of its own: the search names its table, which Django would rename.
    found = _conversations(filters).values("pk").query.sql_with_params()
    return rows.filter(conversation__in=RawSQL(*found))  # noqa: S611


def _mail_cells(mails: Sequence[Mail]) -> Cells:
    for mail in mails:
        yield {
            **_whose(mail.conversation),
            "mail_id": mail.message_id,
            "direction": mail.direction,
            "at": mail.at,
            "from_name": mail.from_name,
            "from_address": mail.from_address,
            "to": _people(mail.to),
            "cc": _people(mail.cc),
            "subject": mail.subject,
            "text": mail.text,
            "quoted": mail.quoted,
            "is_automatic": mail.is_automatic,
            "colleague": address_of(mail.author),
        }


def _notes(filters: Filters) -> "QuerySet[Note]":
    return Note.objects.select_related("conversation__customer", "author")


def _note_cells(notes: Sequence[Note]) -> Cells:
    for note in notes:
        yield {
            **_whose(note.conversation),
            "at": note.at,
            "colleague": address_of(note.author),
            "text": note.text,
        }


def _unreadable(filters: Filters) -> "QuerySet[RawMail]":
    rows = RawMail.objects.filter(state=RawState.UNREADABLE.value)
    return rows.select_related("mailbox")


def _unreadable_cells(mails: Sequence[RawMail]) -> Cells:
    """Without their content, which can be downloaded one by one."""
    for mail in mails:
        yield {
            "number": mail.pk,
            "mailbox": mail.mailbox.name if mail.mailbox else "",
            "source": mail.source,
            "arrived_at": mail.arrived_at,
            "size": mail.size,
            "reason": mail.reason,
        }


def _whose(conversation: Conversation) -> dict[str, Cell]:
    customer = conversation.customer
    return {
        "conversation": conversation.pk,
        "customer_id": customer.external_id if customer else "",
        "source": customer.source if customer else "",
    }


def _people(pairs: Sequence[Sequence[str]]) -> str:
    """Ana <ana@example.org>; ben@example.org"""
    named = (f"{name} <{address}>" if name else address for name, address in pairs)
    return "; ".join(named)


_WHOSE = ("conversation", "customer_id", "source")
register(
    Dataset(
        name="conversations",
        label=_("Conversations"),
        order=32,
        columns=(
            *_WHOSE,
            *("address", "mailbox", "subject", "state", "kind", "language", "tags"),
            *("colleague", "is_spam", "side_of", "joined_into", "opened_at"),
            *("last_mail_at", "closed_at", "closed_by", "outcome"),
        ),
        rows=_all_conversations,
        cells=_conversation_cells,
        needs=_SEES,
    ),
    Dataset(
        name="mails",
        label=_("Mails of conversations"),
        order=34,
        columns=(
            *_WHOSE,
            *("mail_id", "direction", "at", "from_name", "from_address", "to", "cc"),
            *("subject", "text", "quoted", "is_automatic", "colleague"),
        ),
        rows=_mails,
        cells=_mail_cells,
        needs=_SEES,
        takes=lambda: {"tab", "whose", "q", "mailbox", "tag", "kind", "language"},
    ),
    Dataset(
        name="notes",
        label=_("Notes in conversations"),
        order=36,
        columns=(*_WHOSE, "at", "colleague", "text"),
        rows=_notes,
        cells=_note_cells,
        needs=_SEES,
    ),
    Dataset(
        name="unreadable-mails",
        label=_("Mails that could not be read"),
        order=38,
        columns=("number", "mailbox", "source", "arrived_at", "size", "reason"),
        rows=_unreadable,
        cells=_unreadable_cells,
        needs=_SEES,
    ),
)
