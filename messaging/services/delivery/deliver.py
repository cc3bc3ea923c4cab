"""One pass over the outbox: group after group, until nothing may go or time is up."""

import logging
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError

from crm.selectors import business as our_business
from crm.services.journal import DatabaseIsOlder
from messaging.models import SendingAccount
from messaging.rules.choices import Transport
from messaging.services import circuit, restoration, sending_accounts
from messaging.services.circuit import Gate
from messaging.services.delivery.claim import Claimed, claim
from messaging.services.delivery.outbox_delivery import OutboxDelivery
from messaging.services.delivery.outcomes import Counts, give_back
from messaging.services.delivery.smtp_delivery import SmtpDelivery
from messaging.services.restoration import MailIsHeld
from web.sql_states import LOCK_NOT_AVAILABLE, QUERY_CANCELED, sql_state

logger = logging.getLogger(__name__)

# Of the time of a pass, for one account.
_SHARE = 0.25
# Of a message itself, perhaps: too slow a statement, or a lock that it never gets.
_PERHAPS_ITS_FAULT = (QUERY_CANCELED, LOCK_NOT_AVAILABLE)


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
    """Send what may go at `now` (business time), at most `limit`, for `seconds`.

    What waits for an account of its own goes first: it is little, and of people. Each
    account gets a part of the time, so that a slow server keeps no other one waiting.
    """
    count = DeliveryCount()
    stop_at = time.monotonic() + seconds
    for account in sending_accounts.with_mail(now=now):
        until = min(stop_at, time.monotonic() + seconds * _SHARE)
        _deliver_by(account, count, now=now, limit=limit, stop_at=until)
    _deliver_by(None, count, now=now, limit=limit, stop_at=stop_at)
    return count


def _deliver_by(
    account: SendingAccount | None,
    count: DeliveryCount,
    *,
    now: datetime,
    limit: int | None,
    stop_at: float,
) -> None:
    """Group after group by this account; None: by the shop's transport."""
    transport = sending_accounts.transport_of(account)
    account_id = account.pk if account else None
    try:
        due_after = restoration.due_after(transport, now=now, account_id=account_id)
    except MailIsHeld:
        return
    with _worker(transport, account, now) as worker:
        while limit is None or count.seen < limit:
            if time.monotonic() >= stop_at:
                count.unfinished = True
                break
            gate = circuit.gate(transport, account_id=account_id)
            if gate is Gate.SHUT:
                break
            probing = gate is Gate.ONE
            most = 1 if probing else worker.size
            claimed = claim(
                now=now,
                limit=_at_most(most, limit, count.seen),
                refused=(
                    circuit.refused(transport, now=now, account_id=account_id)
                    if probing
                    else ()
                ),
                due_after=due_after,
                account_id=account_id,
            )
            try:
                count.add(claimed, worker.take(claimed, probing=probing, now=now))
            except DatabaseIsOlder:
                # A backup was put back meanwhile; the next pass reports it.
                break
            except (OperationalError, InterfaceError) as error:
                _give_back_where_it_can(claimed, error)
                raise
            if probing:
                circuit.release_probe(transport, account_id=account_id)
            if not claimed.seen:
                break
        else:
            count.unfinished = True


def _give_back_where_it_can(claimed: Claimed, error: Exception) -> None:
    """A database that has no room for mails (a full disk) lets none of them go: that is
    no try of theirs, however long it lasts. Where it does not take even this, their
    leases end by themselves."""
    if sql_state(error) not in _PERHAPS_ITS_FAULT:
        with suppress(OperationalError, InterfaceError):
            give_back(claimed.messages, token=claimed.token)


def _worker(
    transport: Transport, account: SendingAccount | None, now: datetime
) -> OutboxDelivery | SmtpDelivery:
    if transport is Transport.OUTBOX:
        return OutboxDelivery(transport, our_business())
    return SmtpDelivery(transport, our_business(), account=account, now=now)


def _at_most(most: int, limit: int | None, seen: int) -> int:
    return most if limit is None else min(most, limit - seen)
