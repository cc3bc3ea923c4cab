"""One pass over the outbox: group after group, until nothing may go or time is up."""

import logging
import time
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings

from crm.selectors import business as our_business
from crm.services.journal import DatabaseIsOlder
from messaging.rules.choices import Transport
from messaging.services import circuit, restoration
from messaging.services.circuit import Gate
from messaging.services.delivery.claim import Claimed, claim
from messaging.services.delivery.outbox_delivery import OutboxDelivery
from messaging.services.delivery.outcomes import Counts
from messaging.services.delivery.smtp_delivery import SmtpDelivery
from messaging.services.restoration import MailIsHeld

logger = logging.getLogger(__name__)


@dataclass
class DeliveryCount:
    """What one pass did. `unfinished`: time or limit ran out, more may be waiting."""

    seen: int = 0
    sent: int = 0
    failed: int = 0
    ended: int = 0
    deferred: int = 0
    retried: int = 0
    given_back: int = 0
    uncertain: int = 0
    unfinished: bool = False

    def add(self, claimed: Claimed, counts: Counts) -> None:
        """Add what one group came to."""
        self.seen += claimed.seen
        self.deferred += claimed.deferred
        self.ended += claimed.ended
        for name, count in asdict(counts).items():
            setattr(self, name, getattr(self, name) + count)


def deliver(
    *, now: datetime, limit: int | None = None, seconds: float = 60
) -> DeliveryCount:
    """Send what may go at `now` (business time), at most `limit`, for `seconds`."""
    transport = Transport(settings.MAIL_TRANSPORT)
    count = DeliveryCount()
    stop_at = time.monotonic() + seconds
    maker = OutboxDelivery if transport is Transport.OUTBOX else SmtpDelivery
    try:
        due_after = restoration.due_after(transport, now=now)
    except MailIsHeld:
        return count
    with maker(transport, our_business()) as worker:
        while limit is None or count.seen < limit:
            if time.monotonic() >= stop_at:
                count.unfinished = True
                break
            gate = circuit.gate(transport)
            if gate is Gate.SHUT:
                break
            probing = gate is Gate.ONE
            most = 1 if probing else worker.size
            claimed = claim(
                now=now,
                limit=_at_most(most, limit, count.seen),
                refused=circuit.refused(transport, now=now) if probing else (),
                due_after=due_after,
            )
            try:
                count.add(claimed, worker.take(claimed, probing=probing, now=now))
            except DatabaseIsOlder:
                # A backup was put back meanwhile; the next pass reports it.
                break
            if probing:
                circuit.release_probe(transport)
            if not claimed.seen:
                break
        else:
            count.unfinished = True
    return count


def _at_most(most: int, limit: int | None, seen: int) -> int:
    return most if limit is None else min(most, limit - seen)
