"""The outbox transport: a mail is kept whole, and that is its end."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import transaction

from crm.models import Business
from messaging.models import Message
from messaging.rules.choices import State, Transport
from messaging.services.delivery import sql
from messaging.services.delivery.claim import Claimed
from messaging.services.delivery.outcomes import Counts, announce
from messaging.services.delivery.prepare import Ready, keep, prepare, whole
from messaging.transports import outbox

logger = logging.getLogger(__name__)

SIZE = 50
_CLAIMED = [State.CLAIMED.value]
RENDER_FAILED = "render_failed"


class OutboxDelivery:
    """Nothing leaves, so nothing can be in doubt: one transaction does it all."""

    size = SIZE

    def __init__(self, transport: Transport, business: Business) -> None:
        self._transport = transport
        self._business = business

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    @transaction.atomic
    def take(self, claimed: Claimed, *, probing: bool, now: datetime) -> Counts:
        """`probing` is for transports that can break."""
        ready, broken = prepare(claimed.messages, business=self._business, now=now)
        good: list[Ready] = []
        for one in ready:
            if is_sound(one):
                good.append(one)
            else:
                broken.append(one.message)
        sent = self._finish(claimed, good, now)
        failed = fail(claimed, broken, reason=RENDER_FAILED, now=now)
        return Counts(sent=sent, failed=failed)

    def _finish(self, claimed: Claimed, good: Iterable[Ready], now: datetime) -> int:
        finals = {one.message.pk: one for one in good}
        written = sql.finish(
            [sql.Outcome(pk, State.SENT.value) for pk in finals],
            token=claimed.token,
            states=_CLAIMED,
            now=now,
            transport=self._transport.value,
        )
        over = [finals[pk] for pk in written]
        keep([whole(one, now) for one in over if one.keeps_body])
        for one in over:
            one.message.state, one.message.final_at = State.SENT.value, now
        announce([one.message for one in over], now=now)
        return len(over)


def is_sound(one: Ready) -> bool:
    """Whether the mail has one valid recipient; logs it where not."""
    try:
        outbox.check(one.mail)
    except ValueError:
        logger.exception("Message %s cannot be addressed", one.message.pk)
        return False
    return True


def fail(
    claimed: Claimed, messages: list[Message], *, reason: str, now: datetime
) -> int:
    """End claimed messages that never became a mail."""
    finals = [sql.Outcome(one.pk, State.FAILED.value, reason) for one in messages]
    written = sql.finish(finals, token=claimed.token, states=_CLAIMED, now=now)
    over = [message for message in messages if message.pk in written]
    for message in over:
        message.state, message.reason_code = State.FAILED.value, reason
        message.final_at = now
    announce(over, now=now)
    return len(over)
