"""What a rule of the server costs a mail: a longer wait each time, where it alone was
refused; nothing, where the rule is about us."""

from datetime import datetime, timedelta

from messaging.models import Circuit, Message
from messaging.rules.backoff import wait_after
from messaging.rules.choices import State

# Why a refused message waits: for a while by itself, or with everything else.
POLICY_REFUSED = "policy_refused"
OURS_REFUSED = "transport_refused"


def take_charges_back(row: Circuit, now: datetime) -> None:
    """The refusal is about us: do not count these mails' refused tries."""
    Message.objects.filter(
        pk__in=row.refusals.values("message_id"),
        state=State.PLANNED.value,
        deferred_reason=POLICY_REFUSED,
    ).update(deferred_reason=OURS_REFUSED, not_before=now, policy_refusals=0)


def charge_the_only_one(row: Circuit, now: datetime) -> None:
    """One mail was refused, and the next one was taken: that mail waits for a while,
    longer each time, so that it cannot stop all others again at once."""
    ids = row.refusals.values_list("message_id", flat=True)
    if len(ids) != 1:
        return
    message = Message.objects.filter(
        pk__in=ids, state=State.PLANNED.value, deferred_reason=OURS_REFUSED
    ).first()
    if message is None:
        return
    met = message.policy_refusals + 1
    last = message.expires_at - timedelta(seconds=1)
    Message.objects.filter(pk=message.pk, state=State.PLANNED.value).update(
        policy_refusals=met, not_before=min(now + wait_after(met, 0), last)
    )
