"""What keeps two processes, or a late one, from undoing each other's decisions."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from crm.selectors import business
from messaging.models import Circuit, Message
from messaging.rules.choices import State, Transport
from messaging.rules.smtp_replies import Meaning
from messaging.services import circuit, messages
from messaging.services.delivery.claim import claim
from messaging.services.delivery.outcomes import Attempt, record
from messaging.services.delivery.smtp_delivery import SmtpDelivery
from messaging.transports.base import Answer
from tests.messaging.delivering import NOW, plan, row
from tests.waiting import until_somebody_waits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_kind")]


# --- The token of a claim ------------------------------------------------------------


def test_what_another_has_claimed_meanwhile_is_not_handed_over(sink):
    """A deliverer that slept past its lease finds its message in other hands."""
    message = plan("dana@example.org")
    claimed = claim(now=NOW, limit=10)
    others = uuid4()
    Message.objects.filter(pk=message.pk).update(claim_token=others)

    with SmtpDelivery(Transport.SMTP, business(), now=NOW) as post:
        counts = post.take(claimed, probing=False, now=NOW)

    assert [one.pk for one in claimed.messages] == [message.pk]
    assert (counts.sent, sink.seen["mail"]) == (0, 0)
    assert (row(message).state, row(message).claim_token) == ("claimed", others)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Answer(Meaning.ACCEPTED, 250, "taken"), "sent"),
        (Answer(Meaning.REFUSED, 550, "no"), "failed"),
    ],
)
def test_a_truth_that_comes_late_ends_what_was_uncertain(answer, state):
    """The sweeper gave the deliverer up; it was only slow, and knows how it went."""
    token = uuid4()
    message = plan(
        state="uncertain", reason_code="no_answer", claim_token=token, final_at=NOW
    )

    record([Attempt(message, answer)], token=token, now=NOW + timedelta(minutes=5))

    ended = row(message)
    assert (ended.state, ended.smtp_code) == (state, answer.code)
    assert ended.reason_code != "no_answer"


# --- A decision of staff while a mail is being claimed -------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_leaves_while_somebody_ends_it_is_left_alone():
    """Whoever ends messages waits for the row's lock and then looks again."""
    message = plan()
    ended: list[int] = []

    def end() -> None:
        try:
            ended.append(
                messages.supersede(
                    Message.objects.filter(pk=message.pk), reason_code="day", now=NOW
                )
            )
        finally:
            connection.close()

    with transaction.atomic():
        Message.objects.filter(pk=message.pk).update(
            state=State.HANDED.value,
            claim_token=uuid4(),
            lease_until=NOW,
            counted_at=NOW,
        )
        other = threading.Thread(target=end)
        other.start()
        until_somebody_waits()
    other.join(20)

    assert not other.is_alive()
    assert ended == [0]
    assert row(message).state == "handed"
    assert row(message).counted_at == NOW


# --- How long a circuit waits --------------------------------------------------------

MINUTE = 60


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (
            circuit.Failure("connection_lost"),
            [10, 20, 40, 80, 160, 5 * MINUTE, 5 * MINUTE],
        ),
        (
            circuit.Failure("refused_us", 550, ours=True),
            [n * MINUTE for n in (1, 2, 4, 8, 16, 30, 30)],
        ),
    ],
)
def test_the_waits_of_a_circuit(failure, seconds):
    """A server that is away is asked again soon, one that refuses us less often."""
    waits = []
    for _ in seconds:
        circuit.trip(Transport.SMTP, failure, now=NOW)
        wait = Circuit.objects.get().next_probe_at - timezone.now()
        waits.append(wait.total_seconds())
        circuit.try_now(Transport.SMTP, now=NOW)
        assert circuit.gate(Transport.SMTP) is circuit.Gate.ONE

    # On a slow machine a moment goes by before it is read.
    for wait, expected in zip(waits, seconds, strict=True):
        assert expected - 4 < wait <= expected
