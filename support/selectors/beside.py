"""What stands in a conversation besides its mails, and beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from crm.models import CompanyPerson, FollowUp, Interaction
from crm.page_parts import LabelledCell, glance
from crm.request_context import RequestContext
from crm.services.follow_ups import OWED
from support.models import Conversation, ConversationContact, ConversationFollowUp
from support.selectors.conversations import ShownMail
from support.words import CONTACT_ICONS, CONTACTS

_MOST = 100
_MOST_BESIDE = 10


@dataclass(frozen=True)
class Entry:
    """One entry of a thread: a mail or a contact."""

    at: datetime
    shown: ShownMail | None = None
    contact: Interaction | None = None
    # Of a contact: what it was.
    heading: object = ""
    icon: str = ""


def thread(conversation: Conversation, mails: Sequence[ShownMail]) -> list[Entry]:
    """These mails and the contacts that were logged between them, oldest first."""
    links = ConversationContact.objects.filter(conversation=conversation)
    contacts = Interaction.objects.filter(
        pk__in=links.values("interaction_id"), customer_id=conversation.customer_id
    ).select_related("staff")
    entries = [Entry(one.mail.at, shown=one) for one in mails]
    entries += [
        Entry(
            row.happened_at,
            contact=row,
            heading=CONTACTS.get(row.channel, row.channel),
            icon=CONTACT_ICONS.get(row.channel, "note"),
        )
        for row in contacts.order_by("-happened_at", "-pk")[:_MOST]
    ]
    return sorted(entries, key=lambda entry: entry.at)


@dataclass(frozen=True)
class Beside:
    """The customer beside a thread: what is known, and what we owe them. Of the
    follow-ups those of this conversation have `conversation_id` (an attribute)."""

    cells: Sequence[LabelledCell]
    companies: Sequence[CompanyPerson]
    follow_ups: Sequence[FollowUp]


def beside(context: RequestContext, conversation: Conversation) -> Beside | None:
    """None where it is not known whose conversation it is."""
    customer = conversation.customer
    if customer is None:
        return None
    companies = CompanyPerson.objects.filter(customer=customer)
    return Beside(
        cells=glance(context, customer),
        companies=list(companies.select_related("company")[:_MOST_BESIDE]),
        follow_ups=list(_owed(conversation)[:_MOST_BESIDE]),
    )


def _owed(conversation: Conversation) -> QuerySet[FollowUp, Any]:
    links = ConversationFollowUp.objects.filter(follow_up=OuterRef("pk"))
    rows = FollowUp.objects.filter(
        customer=conversation.customer, state__in=OWED
    ).annotate(
        conversation_id=Subquery(links.values("conversation_id")[:1]),
        closes_with_it=Subquery(links.values("closes_with_it")[:1]),
    )
    return rows.select_related("assignee").order_by("due_on", "due_at", "pk")
