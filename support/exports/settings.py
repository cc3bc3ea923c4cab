"""What a shop has set up for its inbox."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.datasets import Filters, address_of, line_each, register
from support.models import InboxRule, Mailbox, SavedReply
from web.rules.numbers import whole_number


def _replies(filters: Filters) -> "QuerySet[SavedReply]":
    """Everybody's, and those of whoever takes them along (`whose`)."""
    own = Q(owner=None) | Q(owner=whole_number(filters.get("whose", "")) or 0)
    return SavedReply.objects.filter(own).select_related("owner")


_SETTINGS = frozenset({Capability.CHANGE_SETTINGS})
register(
    line_each(
        "saved-replies",
        _("Saved replies"),
        101,
        rows=_replies,
        columns={
            "reply": "name",
            "language": "language",
            "text": "text",
            "colleague": lambda row: address_of(row.owner),
        },
        takes=lambda: {"whose"},
        needs=frozenset({Capability.REPLY}),
        is_private=True,
    ),
    line_each(
        "inbox-rules",
        _("Rules of the inbox"),
        102,
        rows=lambda filters: InboxRule.objects.select_related(
            "mailbox", "assignee", "tag"
        ),
        columns={
            "rule": "name",
            "position": "position",
            "is_on": "is_on",
            "sender": "sender",
            "recipient": "recipient",
            "subject": "subject",
            "body": "body",
            "mailbox": lambda row: row.mailbox.address if row.mailbox else "",
            "language": "language",
            "colleague": lambda row: address_of(row.assignee),
            "tag": lambda row: row.tag.name if row.tag else "",
            "kind": "kind",
            "closes": "closes",
            "is_spam": "is_spam",
        },
        needs=_SETTINGS,
    ),
    line_each(
        "mailboxes",
        _("Mailboxes"),
        103,
        rows=lambda filters: Mailbox.objects.select_related("assignee"),
        columns={
            "mailbox": "name",
            "address": "address",
            "host": "host",
            "is_on": "is_on",
            "language": "language",
            "colleague": lambda row: address_of(row.assignee),
            "acknowledges": "acknowledges",
            "close_after_days": "close_after_days",
            "read_at": "read_at",
        },
        needs=_SETTINGS,
    ),
)
