"""Log a contact into a conversation, and promise something in it."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm.models import FollowUp, Interaction, User
from crm.rules.choices import FollowUpState
from crm.services import follow_ups, interactions
from crm.services.follow_ups import OWED
from support.errors import NobodyKnown
from support.models import Conversation, ConversationContact, ConversationFollowUp
from support.services import finding


@transaction.atomic
def log_contact(
    conversation: Conversation,
    *,
    channel: str,
    body: str,
    staff: User,
    now: datetime,
    direction: str = "",
    happened_at: datetime | None = None,
    outcome: str = "",
    source_key: str | None = None,
) -> Interaction:
    """Log it as crm/services/interactions.py does, under the subject of the
    conversation. The same source_key twice is one row. Raises NobodyKnown."""
    row = _of_somebody(conversation)
    assert row.customer is not None
    interaction = interactions.log_interaction(
        customer=row.customer,
        channel=channel,
        body=body,
        subject=row.subject[:200],
        direction=direction,
        happened_at=happened_at,
        staff=staff,
        outcome=outcome,
        source_key=source_key,
        now=now,
    )
    ConversationContact.objects.get_or_create(
        interaction=interaction, defaults={"conversation": row}
    )
    return interaction


@transaction.atomic
def promise(
    conversation: Conversation,
    *,
    why: str,
    due_on: date,
    assignee: User | None,
    closes_with_it: bool,
    now: datetime,
    due_at: datetime | None = None,
    is_urgent: bool = False,
    source_key: str | None = None,
) -> FollowUp:
    """Open a follow-up that names the conversation. With `closes_with_it` it is done
    once a person closes that. Raises NobodyKnown."""
    row = _of_somebody(conversation)
    assert row.customer is not None
    follow_up = follow_ups.open_follow_up(
        customer_id=row.customer.pk,
        why=why,
        due_on=due_on,
        due_at=due_at,
        assignee=assignee,
        is_urgent=is_urgent,
        source_key=source_key,
        now=now,
    )
    ConversationFollowUp.objects.get_or_create(
        follow_up=follow_up,
        defaults={"conversation": row, "closes_with_it": closes_with_it},
    )
    return follow_up


def _of_somebody(conversation: Conversation) -> Conversation:
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True)
    row = finding.lead_on(rows.select_related("customer").get(pk=conversation.pk))
    if row.customer is None:
        raise NobodyKnown
    return row


def conversation_of(follow_up: FollowUp) -> Conversation | None:
    """Where it was promised, while that is still with its customer."""
    return Conversation.objects.filter(
        follow_ups=follow_up.pk, customer_id=follow_up.customer_id
    ).first()


def finish_with(conversation: Conversation, *, by: User, now: datetime) -> None:
    """A person closed the conversation: what was to close with it is done."""
    for row in _closing_with(conversation).filter(state__in=OWED):
        follow_ups.finish(
            row, staff=by, outcome=_("Closed with the conversation"), now=now
        )


def reopen_with(
    conversation: Conversation, *, closed_at: datetime, now: datetime
) -> None:
    """The closing is taken back: what was done by it is owed again."""
    done = _closing_with(conversation).filter(
        state=FollowUpState.DONE.value, done_at=closed_at
    )
    for row in done:
        follow_ups.reopen(row, now=now)


def _closing_with(conversation: Conversation) -> QuerySet[FollowUp]:
    links = ConversationFollowUp.objects.filter(
        conversation=conversation, closes_with_it=True
    )
    rows = FollowUp.objects.filter(pk__in=links.values("follow_up_id"))
    return rows.filter(customer=conversation.customer).order_by("pk")
