"""Write down how tries ended, in sets, each row only while the claim is still ours."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from messaging import signals
from messaging.models import Message
from messaging.rules.backoff import wait_after
from messaging.rules.choices import State, SuppressionReason
from messaging.rules.smtp_replies import Meaning
from messaging.services import suppression
from messaging.services.delivery import sql
from messaging.services.policy_refusals import OURS_REFUSED, POLICY_REFUSED
from messaging.transports.base import Answer

logger = logging.getLogger(__name__)

# The sweeper may have given up on us meanwhile: the truth may still correct that.
_OURS = [State.HANDED.value, State.UNCERTAIN.value]
_ONLY_CLAIMED = [State.CLAIMED.value]
_ONLY_HANDED = [State.HANDED.value]
# A rule of the recipient's server that stopped one mail so often is believed. With the
# waits in between that is about an hour and a half.
POLICY_TRIES = 5


@dataclass(frozen=True)
class Attempt:
    """One message and how its try ended; no answer: it never came to the dot."""

    message: Message
    answer: Answer | None


@dataclass
class Counts:
    """How many mails of a pass ended in which way."""

    sent: int = 0
    failed: int = 0
    retried: int = 0
    given_back: int = 0
    uncertain: int = 0


def lease() -> timedelta:
    """Never shorter than two waits for the final dot, whatever the settings say."""
    return timedelta(
        seconds=max(settings.MAIL_LEASE_SECONDS, 2 * settings.EMAIL_DOT_TIMEOUT)
    )


def give_back(messages: Sequence[Message], *, token: UUID) -> None:
    """Claimed messages of which nothing was handed over wait again, as before: the try
    is not counted."""
    backs = [
        sql.Requeue(message.pk, message.not_before, "", attempts=-1)
        for message in messages
    ]
    sql.put_back(backs, token=token, states=_ONLY_CLAIMED)


@transaction.atomic
def record(tries: Sequence[Attempt], *, token: UUID, now: datetime) -> Counts:
    """The outcomes of one handed group. What is unknown stays handed."""
    finals: list[tuple[sql.Outcome, Message]] = []
    backs: list[sql.Requeue] = []
    counts = Counts()
    for one in tries:
        match _decided(one, now):
            case sql.Outcome() as final:
                finals.append((final, one.message))
            case sql.Requeue() as back:
                backs.append(back)
                counts.retried += back.refusals
                counts.given_back += not back.refusals
            case None:
                counts.uncertain += 1
    sent = [pair for pair in finals if pair[0].state == State.SENT.value]
    failed = [pair for pair in finals if pair[0].state == State.FAILED.value]
    counts.sent = _finish(sent, token=token, states=_OURS, now=now)
    counts.failed = _finish(failed, token=token, states=_OURS, now=now)
    sql.put_back(backs, token=token, states=_ONLY_HANDED)
    _suppress_bounced(tries, now)
    return counts


def _decided(one: Attempt, now: datetime) -> sql.Outcome | sql.Requeue | None:
    message, answer = one.message, one.answer
    if answer is None:
        return sql.Requeue(message.pk, message.not_before, "", attempts=-1)
    match answer.meaning:
        case Meaning.ACCEPTED:
            return _final(message, State.SENT, answer)
        case Meaning.BOUNCED:
            return _final(message, State.FAILED, answer, "no_such_mailbox")
        case Meaning.REFUSED:
            return _final(message, State.FAILED, answer, "refused")
        case Meaning.OURS:
            # Its place in the queue stays; that it was tried is counted.
            return sql.Requeue(
                message.pk,
                message.not_before,
                OURS_REFUSED,
                refusals=1,
                code=answer.code,
                text=answer.text,
            )
        case Meaning.POLICY:
            return _by_policy(message, answer, now)
        case Meaning.LATER:
            return _later(message, answer, now)
        case Meaning.UNKNOWN:
            return None


def _final(
    message: Message, state: State, answer: Answer, reason: str = ""
) -> sql.Outcome:
    return sql.Outcome(
        message.pk, state.value, reason, code=answer.code, text=answer.text
    )


def _later(
    message: Message, answer: Answer, now: datetime
) -> sql.Outcome | sql.Requeue:
    # The chance spreads retries; nothing secret hangs on it.
    until = now + wait_after(message.refusals + 1, random.random())  # noqa: S311
    if until >= message.expires_at:
        return sql.Outcome(
            message.pk,
            State.FAILED.value,
            "never_accepted",
            {"tries": message.refusals + 1},
            answer.code,
            answer.text,
        )
    return sql.Requeue(
        message.pk,
        until,
        "server_said_later",
        refusals=1,
        deferrals=1,
        code=answer.code,
        text=answer.text,
    )


def _by_policy(
    message: Message, answer: Answer, now: datetime
) -> sql.Outcome | sql.Requeue:
    """A permanent answer, but to a rule: perhaps of ours, so it is asked again."""
    met = message.policy_refusals + 1
    until = now + wait_after(met, random.random())  # noqa: S311
    if met >= POLICY_TRIES or until >= message.expires_at:
        return sql.Outcome(
            message.pk,
            State.FAILED.value,
            "refused_by_policy",
            {"tries": met},
            answer.code,
            answer.text,
        )
    return sql.Requeue(
        message.pk,
        until,
        POLICY_REFUSED,
        refusals=1,
        policy_refusals=1,
        deferrals=1,
        code=answer.code,
        text=answer.text,
    )


def _finish(
    pairs: Sequence[tuple[sql.Outcome, Message]],
    *,
    token: UUID,
    states: Sequence[str],
    now: datetime,
) -> int:
    finals = [final for final, _ in pairs]
    written = sql.finish(finals, token=token, states=states, now=now)
    over = []
    for final, message in pairs:
        if message.pk in written:
            message.state, message.reason_code = final.state, final.reason
            message.reason_data, message.final_at = dict(final.data), now
            over.append(message)
    announce(over, now=now)
    return len(over)


def announce(messages: Sequence[Message], *, now: datetime) -> None:
    """Send the signal to the apps above. A receiver's error must not undo what has
    happened: the mail is out, whatever a receiver does."""
    if not messages:
        return
    try:
        with transaction.atomic():
            signals.messages_finished.send(
                sender=Message, messages=list(messages), now=now
            )
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        ids = [message.pk for message in messages]
        logger.exception("A receiver of messages_finished failed for %s", ids)


def _suppress_bounced(tries: Sequence[Attempt], now: datetime) -> None:
    emails = [
        one.message.email_norm
        for one in tries
        if one.answer and one.answer.meaning is Meaning.BOUNCED
    ]
    if not emails:
        return
    for email_hash in suppression.address_hashes(emails).values():
        suppression.suppress(email_hash, reason=SuppressionReason.BOUNCE, now=now)
