"""One request to answer: made, reminded, declined, expired, revoked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from crm.services import audit
from messaging.models import Message
from surveys.choices import InvitationState
from surveys.models import Asking, Invitation, Survey


@transaction.atomic
def invite(
    survey: Survey,
    *,
    asking: Asking | None = None,
    messages: Sequence[Message],
    orders: Mapping[int, int],
    now: datetime,
) -> dict[int, Invitation]:
    """One invitation per message, by message id; a second attempt finds the first.

    `asking`: which automation asks, where it asks one survey. `orders` names the order
    a message asks about. A message that replaced another (its
    day moved) takes over the invitation of the same occurrence.
    """
    rows = [
        Invitation(
            survey=survey,
            asking=asking,
            customer_id=message.person_id,
            occurrence=message.occurrence,
            order_id=orders.get(message.pk),
            message=message,
            invited_at=now,
            expires_at=now + timedelta(days=survey.valid_days),
        )
        for message in messages
    ]
    # The state is left alone: an answer or a revocation outlives a second attempt.
    Invitation.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["survey", "customer", "occurrence"],
        update_fields=["message", "asking", "order", "invited_at", "expires_at"],
    )
    audit.record(
        "survey.invited", f"survey:{survey.pk}", now=now, fields=["invitations"]
    )
    return {
        invitation.message_id: invitation
        for invitation in Invitation.objects.select_related(
            "survey", "asking", "order", "customer__owner"
        ).filter(message__in=messages)
        if invitation.message_id is not None
    }


@transaction.atomic
def remind(*, messages: Mapping[int, Message], now: datetime) -> dict[int, Invitation]:
    """Note the reminder of each invitation, and whether it says that it is the last:
    {invitation id: message}, by message id."""
    invitations = list(
        Invitation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("survey", "asking", "order", "customer__owner")
        .filter(pk__in=messages.keys())
        .order_by("pk")
    )
    for invitation in invitations:
        message = messages[invitation.pk]
        _note_reminder(invitation, message)
        invitation.told_last = _is_last(invitation, message, now=now)
    Invitation.objects.bulk_update(
        invitations, ["reminder_message", "second_reminder_message", "told_last"]
    )
    if invitations:
        audit.record("survey.reminded", "invitations", now=now)
    return {messages[invitation.pk].pk: invitation for invitation in invitations}


def _note_reminder(invitation: Invitation, message: Message) -> None:
    """As the first or the second; a mail that is tried again stays what it was."""
    if invitation.reminder_message_id in (None, message.pk):
        invitation.reminder_message = message
    else:
        invitation.second_reminder_message = message


def _is_last(invitation: Invitation, message: Message, *, now: datetime) -> bool:
    """Whether this mail, which goes now, is the last one that asks for this answer:
    there is no second reminder, or it would come when nobody can answer any more."""
    survey = invitation.survey
    again = survey.remind_again_after_days
    is_second = invitation.second_reminder_message_id == message.pk
    if is_second or again is None:
        return True
    shift = message.automation.offset_days if message.automation else 0
    at = now + timedelta(days=again + shift)
    has_ended = survey.ends_on is not None and survey.ends_on < at.date()
    return has_ended or invitation.expires_at <= at


@transaction.atomic
def expire(*, now: datetime) -> int:
    """Close what was not answered in time. Reads look at the time, not at this."""
    expired = Invitation.objects.open().filter(expires_at__lte=now)
    count = expired.update(state=InvitationState.EXPIRED.value)
    if count:
        audit.record("survey.expired", "invitations", now=now, fields=["state"])
    return count


@transaction.atomic
def decline(invitation_id: int, *, now: datetime) -> bool:
    """They declined: nothing reminds them, and surveys leave them in peace for a while
    (`Survey.rest_days`). Whether it was open; who answers after all is asked as ever.
    """
    rows = Invitation.objects.answerable(now).filter(pk=invitation_id)
    declined = rows.update(state=InvitationState.DECLINED.value, declined_at=now)
    if declined:
        audit.record(
            "survey.declined", f"invitation:{invitation_id}", now=now, fields=["state"]
        )
    return bool(declined)


@transaction.atomic
def revoke(invitation: Invitation, *, now: datetime) -> bool:
    """The link opens nothing any more; an answer that was given stays."""
    revoked = (
        Invitation.objects.open()
        .filter(pk=invitation.pk)
        .update(state=InvitationState.REVOKED.value)
    )
    if revoked:
        audit.record(
            "survey.revoked",
            f"invitation:{invitation.pk}",
            customer_id=invitation.customer_id,
            now=now,
            fields=["state"],
        )
    return bool(revoked)
