"""Hand over a group and send it, one mail after the other, on one connection."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import zip_longest
from typing import Self

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from crm.models import Business
from crm.services.journal import DatabaseIsOlder, Entry, JournalUnwritable
from messaging.models import Message, SendingAccount
from messaging.rules.choices import Transport
from messaging.rules.smtp_replies import Meaning
from messaging.services import circuit, sending_accounts
from messaging.services.delivery import hand_over, sql
from messaging.services.delivery.claim import Claimed
from messaging.services.delivery.journal import Journal
from messaging.services.delivery.outbox_delivery import RENDER_FAILED, fail
from messaging.services.delivery.outcomes import (
    Attempt,
    Counts,
    give_back,
    lease,
    record,
)
from messaging.services.delivery.prepare import Ready, blanked, keep, prepare
from messaging.services.delivery.replies import is_taken, of_a_probe, refusal, stops
from messaging.transports.base import Answer, NotTried, Sender, Unusable
from messaging.transports.provider import ProviderSender
from messaging.transports.smtp import SmtpSender

logger = logging.getLogger(__name__)

SIZE_FIRST = 10
# A group has about fifty queries of its own, whatever its size.
SIZE_MOST = 200
# A group should take about this long: it is what a kill can leave unsettled, and what
# can still go out after somebody has opted out.
SECONDS_PER_GROUP = 1.0
# So many mails in a row that broke the connection: it is not the mails.
BREAKS_MOST = 3
# Why the circuit opens where no journal can be written.
NO_JOURNAL = "journal_unwritable"
# How long the outcomes of mails that are out are offered to an absent database.
DATABASE_PATIENCE = 90.0
_SENDERS: dict[Transport, Callable[[], Sender]] = {
    Transport.SMTP: SmtpSender,
    Transport.PROVIDER: ProviderSender,
}


@dataclass(frozen=True)
class Packed:
    """A message with its mail as the transport packed it."""

    ready: Ready
    packed: object


class SmtpDelivery:
    """One process's way to the mail server, for one pass over the outbox."""

    def __init__(
        self,
        transport: Transport,
        business: Business,
        *,
        now: datetime,
        account: SendingAccount | None = None,
    ) -> None:
        self.size = SIZE_FIRST
        self._transport = transport
        self._account = account
        self._account_id = account.pk if account else None
        self._business = business
        self._sender = (
            SmtpSender(partial(sending_accounts.server_of, account, now=now))
            if account
            else _SENDERS[transport]()
        )
        self._breaks = 0

    def __enter__(self) -> Self:
        self._journal = Journal()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._sender.quit()
        # What an error left unsettled stays for the sweeper to read.
        self._journal.close(settled=kind is None)

    def take(self, claimed: Claimed, *, probing: bool, now: datetime) -> Counts:
        """Everything that happens to a claimed group, until its outcomes stand.

        `probing`: this one mail decides whether the transport works again.
        """
        if not claimed.messages:
            return Counts()
        # Before anything is handed over: without this line a kill right after that
        # commit would leave the whole group in doubt.
        ids = [message.pk for message in claimed.messages]
        try:
            self._journal.took(claimed.token, ids)
            self._sender.open()
            group, failed, entry = self._hand(claimed, now)
        except Unusable as error:
            return self._unusable(claimed, error, now)
        except JournalUnwritable:
            logger.exception("No mail leaves without its line in the journal")
            return self._unusable(claimed, Unusable(NO_JOURNAL), now)
        except DatabaseIsOlder:
            hand_over.note_returned(claimed.messages, now=now)
            give_back(claimed.messages, token=claimed.token)
            raise
        started = time.monotonic()
        is_noted = hand_over.note_kept(entry, now=now)
        tries = self._send(group, stopped=not is_noted)
        hand_over.note_outcomes(tries, now=now)
        if probing and circuit.refuses_us(self._transport, account_id=self._account_id):
            tries = [of_a_probe(one) for one in tries]
        took = time.monotonic() - started
        counts = self._record(tries, claimed, now)
        counts.failed += failed
        self._judge(tries, probing=probing, now=now)
        if self._journal.is_broken or not is_noted:
            self._trip(circuit.Failure(NO_JOURNAL), now)
        self._journal.settled()
        self._resize(tries, took)
        return counts

    def _unusable(self, claimed: Claimed, error: Unusable, now: datetime) -> Counts:
        """No mail could be tried: put all back without counting a try."""
        if self._account is not None:
            sending_accounts.note_refused(self._account, error)
        failure = circuit.Failure(error.reason, error.code, error.text, ours=error.ours)
        self._trip(failure, now)
        give_back(claimed.messages, token=claimed.token)
        return Counts(given_back=len(claimed.messages))

    @transaction.atomic
    def _hand(
        self, claimed: Claimed, now: datetime
    ) -> tuple[list[Packed], int, Entry | None]:
        """Render, keep, and note in database and journal that these may be leaving."""
        ready, broken = prepare(claimed.messages, business=self._business, now=now)
        packed = self._pack(ready, broken)
        failed = fail(claimed, broken, reason=RENDER_FAILED, now=now)
        hashes = {
            one.ready.message.pk: claimed.hashes[one.ready.message.pk] for one in packed
        }
        handed = sql.hand(
            hashes,
            token=claimed.token,
            lease=lease(),
            transport=self._transport.value,
            now=now,
        )
        group = [one for one in packed if one.ready.message.pk in handed]
        self._deadline = self._latest_dot()
        keep([blanked(one.ready, now) for one in group if one.ready.keeps_body])
        leaving = {one.ready.message: hashes[one.ready.message.pk] for one in group}
        return group, failed, hand_over.enter(leaving, now=now)

    def _pack(self, ready: Sequence[Ready], broken: list[Message]) -> list[Packed]:
        packed: list[Packed] = []
        for one in ready:
            try:
                packed.append(Packed(one, self._sender.pack(one.mail)))
            except (ValueError, UnicodeError):
                logger.exception("Message %s cannot be packed", one.message.pk)
                broken.append(one.message)
        return packed

    def _latest_dot(self) -> float:
        """Our own clock for the lease: no final dot after it, whatever stopped us.

        Early enough that the answer to the last dot arrives within the lease.
        """
        margin = settings.EMAIL_DOT_TIMEOUT + lease().total_seconds() / 10
        return time.monotonic() + max(lease().total_seconds() - margin, 1.0)

    def _send(self, group: Sequence[Packed], *, stopped: bool) -> list[Attempt]:
        """One by one; once it shows that the rest cannot go (`stopped`), that waits."""
        tries: list[Attempt] = []
        for one, following in zip_longest(group, group[1:]):
            stopped = stopped or (bool(tries) and stops(tries[-1].answer))
            answer = None if stopped else self._send_one(one, following)
            tries.append(Attempt(one.ready.message, answer))
        return tries

    def _send_one(self, one: Packed, following: Packed | None) -> Answer | None:
        message_id = one.ready.message.pk

        def before_dot() -> bool:
            # First the line, then the look at the clock: a process that sleeps between
            # the two wakes up in doubt or too late, never both late and unseen.
            try:
                self._journal.dotting(message_id)
            except JournalUnwritable:
                logger.exception("Message %s: no line, no dot", message_id)
                return False
            return time.monotonic() < self._deadline

        try:
            answer = self._sender.send(
                one.packed, before_dot, following.packed if following else None
            )
        except NotTried:
            return None
        if answer.meaning is Meaning.ACCEPTED:
            self._note_accepted(message_id)
        return answer

    def _note_accepted(self, message_id: int) -> None:
        """It is out, whatever the disk does: the database records it next."""
        try:
            self._journal.accepted(message_id)
        except JournalUnwritable:
            logger.exception("Message %s left without its line", message_id)

    def _record(
        self, tries: Sequence[Attempt], claimed: Claimed, now: datetime
    ) -> Counts:
        """The outcomes, however long the database takes to come back."""
        until = time.monotonic() + DATABASE_PATIENCE
        while True:
            try:
                return record(tries, token=claimed.token, now=now)
            except (OperationalError, InterfaceError):
                self._journal.keep()
                if time.monotonic() > until or connection.in_atomic_block:
                    raise
                logger.warning("The database is away; %s outcomes wait", len(tries))
                connection.close()
                time.sleep(1)

    def _judge(self, tries: Sequence[Attempt], *, probing: bool, now: datetime) -> None:
        """What the answers say about the transport itself."""
        answers = [one.answer for one in tries if one.answer is not None]
        if not probing and any(is_taken(answer) for answer in answers):
            circuit.forget_refusals(self._transport, account_id=self._account_id)
        for one in tries:
            if one.answer is None:
                continue
            if one.answer.meaning is Meaning.OURS:
                self._trip(refusal(one), now)
                return
            if one.answer.meaning is Meaning.POLICY:
                if probing:
                    # It answers again, and this may be that mail alone.
                    self._mend(now)
                circuit.note_policy_refusal(
                    self._transport,
                    refusal(one),
                    now=now,
                    account_id=self._account_id,
                )
                return
            self._breaks = self._breaks + 1 if one.answer.dropped else 0
        if self._breaks >= (1 if probing else BREAKS_MOST):
            self._breaks = 0
            self._trip(circuit.Failure("connection_lost"), now)
        elif probing and answers:
            self._mend(now)

    def _trip(self, failure: circuit.Failure, now: datetime) -> None:
        circuit.trip(self._transport, failure, now=now, account_id=self._account_id)

    def _mend(self, now: datetime) -> None:
        circuit.mend(self._transport, now=now, account_id=self._account_id)

    def _resize(self, tries: Sequence[Attempt], took: float) -> None:
        """As many as go in about a second; one while the server is slow or strict."""
        done = [one for one in tries if one.answer is not None]
        if done and stops(done[-1].answer):
            self.size = 1
        elif done:
            fits = int(len(done) * SECONDS_PER_GROUP / max(took, 0.001))
            self.size = max(1, min(fits, self.size * 2, SIZE_MOST))
