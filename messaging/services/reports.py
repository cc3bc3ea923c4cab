"""What a mail server says of a mail after it has taken it: bounces and complaints."""

from datetime import datetime, timedelta

from django.db import transaction

from crm.services import audit
from messaging.models import Message
from messaging.rules.choices import State, SuppressionReason
from messaging.rules.smtp_replies import Meaning, Phase, is_soft, meaning
from messaging.services import suppression
from messaging.services.delivery import outcomes

SOFT = "soft_bounce"
# So many mails to one address that came back for the time being, within these days,
# and it is written to no more.
SOFT_MOST = 5
SOFT_DAYS = timedelta(days=30)


@transaction.atomic
def bounced(message: Message, *, status: str, now: datetime) -> bool:
    """It was taken and could not be delivered: `status` is the enhanced code.

    An address that does not exist is barred, and so is one whose mailbox is full or
    away several times. A rule or a fault of ours says nothing against the address.
    False where the mail has not left, or is known to have failed.
    """
    locked = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if locked.state not in (State.SENT.value, State.UNCERTAIN.value):
        return False
    means = meaning(Phase.RCPT, 550, status)
    is_gone = means is Meaning.BOUNCED
    locked.state = State.FAILED.value
    code = SOFT if is_soft(status) else "refused"
    locked.reason_code = "no_such_mailbox" if is_gone else code
    locked.address_hash = locked.address_hash or _hash(locked)
    locked.save(update_fields=["state", "reason_code", "address_hash"])
    if is_gone or _came_back_often(locked, now):
        suppression.suppress(_hash(locked), reason=SuppressionReason.BOUNCE, now=now)
    _record("bounced", locked, now)
    outcomes.announce([locked], now=now)
    return True


def _came_back_often(message: Message, now: datetime) -> bool:
    if message.reason_code != SOFT:
        return False
    others = Message.objects.filter(
        address_hash=message.address_hash,
        reason_code=SOFT,
        final_at__gt=now - SOFT_DAYS,
    )
    return others.count() >= SOFT_MOST


@transaction.atomic
def complained(message: Message, *, now: datetime) -> bool:
    """Its recipient calls it spam: nothing but what they ask for goes there any more.
    False where that is known already."""
    made = suppression.suppress(
        _hash(message), reason=SuppressionReason.COMPLAINT, now=now
    )
    if made:
        _record("complained", message, now)
    return made


def _hash(message: Message) -> bytes:
    """Of the address that it went to, also where the record has another one by now."""
    if message.address_hash:
        return bytes(message.address_hash)
    return suppression.address_hash(message.email_norm)


def _record(verb: str, message: Message, now: datetime) -> None:
    audit.record(
        f"message.{verb}",
        f"message:{message.pk}",
        customer_id=message.customer_id,
        now=now,
    )
