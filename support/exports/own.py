"""What somebody writes and is told of, for nobody else (`whose`)."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.datasets import Filters, line_each, register
from support.models import Draft, Notice
from support.words import NOTICES
from web.rules.numbers import whole_number


def _drafts(filters: Filters) -> "QuerySet[Draft]":
    whose = whole_number(filters.get("whose", "")) or 0
    return Draft.objects.filter(author=whose).select_related("customer")


def _notices(filters: Filters) -> "QuerySet[Notice]":
    whose = whole_number(filters.get("whose", "")) or 0
    rows = Notice.objects.filter(user=whose)
    return rows.select_related("conversation__customer")


register(
    line_each(
        "drafts",
        _("Your drafts"),
        104,
        rows=_drafts,
        columns={
            "conversation": "conversation_id",
            "customer_id": lambda row: row.customer.external_id if row.customer else "",
            "source": lambda row: row.customer.source if row.customer else "",
            "to": "to",
            "cc": "cc",
            "bcc": "bcc",
            "subject": "subject",
            "text": "text",
            "send_at": "send_at",
            "begun_at": "begun_at",
            "changed_at": "changed_at",
        },
        takes=lambda: {"whose"},
        needs=frozenset({Capability.REPLY}),
        is_of_a_list=True,
        is_private=True,
    ),
    line_each(
        "notices",
        _("What you were told of and have not opened"),
        105,
        rows=_notices,
        columns={
            "conversation": "conversation_id",
            "subject": "conversation.subject",
            "who": lambda row: str(
                row.conversation.customer or row.conversation.address
            ),
            "happened": lambda row: str(NOTICES[row.event]),
            "way": "way",
            "at": "at",
        },
        takes=lambda: {"whose"},
        needs=frozenset({Capability.SEE_CONVERSATIONS}),
        is_of_a_list=True,
        is_private=True,
    ),
)
