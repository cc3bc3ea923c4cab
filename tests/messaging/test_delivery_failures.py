"""A mail server that refuses, stalls or breaks: who is blamed, what is tried again."""

import smtplib
import time
from datetime import timedelta

import pytest

from messaging.models import Circuit, Message, Suppression
from messaging.rules.choices import Transport
from messaging.services import circuit, leases
from messaging.transports import smtp_connection
from tests.factories import MessageFactory
from tests.messaging.delivering import NOW, plan, plan_many, row, run, states
from tests.smtp_sink import DROP, HANG, TAKE_AND_DROP, TAKE_AND_HANG

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.faults,
    pytest.mark.usefixtures("plain_kind"),
]

# Where the answer to one command of several may be taken for that of another.
both_modes = pytest.mark.usefixtures("both_smtp_modes")
SMTP = Transport.SMTP


@pytest.fixture
def short_waits(settings):
    """For servers that never answer; all others are waited for, however busy."""
    settings.EMAIL_TIMEOUT = 1.5
    settings.EMAIL_DOT_TIMEOUT = 1.5


def lapse() -> None:
    """The deliverer's lease is over, as if it had been killed."""
    Message.objects.filter(lease_until__isnull=False).update(
        lease_until="2000-01-01T00:00Z"
    )


# --- F15: not now --------------------------------------------------------------------


@both_modes
@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("rcpt", "450 4.2.1 mailbox busy"),
        ("rcpt", "452 4.2.2 mailbox full"),
        ("rcpt", "552 5.2.2 mailbox full"),
        ("dot", "451 4.3.0 try again"),
        ("dot", "452 4.3.1 no space"),
        ("mail", "451 4.7.1 greylisted"),
    ],
)
def test_a_temporary_refusal_is_tried_again_and_sent_once(sink, step, reply):
    message = plan("dana@example.org")
    sink.say(step, reply)

    run()
    waiting = row(message)
    sink.recover()
    run(at=NOW + timedelta(seconds=30))
    too_early = row(message).state
    run(at=NOW + timedelta(minutes=2))

    assert (waiting.state, waiting.refusals) == ("planned", 1)
    assert waiting.deferred_reason == "server_said_later"
    assert waiting.smtp_code == int(reply[:3])
    assert timedelta(minutes=1) <= waiting.not_before - NOW <= timedelta(seconds=75)
    assert too_early == "planned"
    assert row(message).state == "sent"
    assert len(sink.recipients) == 1


def test_waits_grow_and_end_with_the_life_of_the_message(sink):
    message = plan("dana@example.org", expires_at=NOW + timedelta(hours=3))
    sink.say("rcpt", "450 4.2.1 busy")
    waits = []

    at = NOW
    while row(message).state == "planned":
        run(at=at)
        now_at = row(message)
        waits.append(now_at.not_before - at)
        at = now_at.not_before

    ended = row(message)
    assert (ended.state, ended.reason_code) == ("failed", "never_accepted")
    assert 4 <= ended.refusals + 1 <= 6
    assert waits[1] > 3 * waits[0]
    assert Suppression.objects.count() == 0


def test_a_busy_server_at_the_greeting_holds_the_queue_and_blames_no_mail(sink):
    plan_many(5)
    sink.say("greeting", "421 4.3.2 too busy")

    run()
    held = Message.objects.filter(state="planned", attempts=0, refusals=0).count()
    waiting = circuit.gate(SMTP)
    sink.recover()
    circuit.try_now(SMTP, now=NOW)
    run()

    assert held == 5
    assert waiting is circuit.Gate.SHUT
    assert states() == {"sent": 5}
    assert Circuit.objects.get().state == "closed"


# --- F16: no such mailbox ------------------------------------------------------------


@pytest.mark.parametrize("detail", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"])
def test_an_unknown_mailbox_fails_and_is_never_written_to_again(sink, detail):
    message = plan("gone@example.org")
    other = plan("dana@example.org")
    sink.say("rcpt", f"550 {detail} no such user", to="gone@example.org")

    run()
    again = plan(customer=message.customer)
    run()

    assert (row(message).state, row(message).reason_code) == (
        "failed",
        "no_such_mailbox",
    )
    assert row(message).smtp_text.startswith(detail)
    assert Suppression.objects.get().reason == "bounce"
    assert (row(again).state, row(again).reason_code) == ("suppressed", "bounced")
    assert row(other).state == "sent"
    assert sink.seen["rcpt"] == 2


@both_modes
def test_a_refusal_without_a_reason_fails_the_message_only(sink):
    message = plan("dana@example.org")
    sink.say("rcpt", "550 no")

    run()

    assert (row(message).state, row(message).reason_code) == ("failed", "refused")
    assert Suppression.objects.count() == 0
    assert Circuit.objects.filter(state="open").count() == 0


# --- F17: our fault ------------------------------------------------------------------


def plan_thousand() -> None:
    customers = [one.customer for one in plan_many(20)]
    Message.objects.bulk_create(
        MessageFactory.build(
            kind="plain", customer=customers[n % 20], occurrence=f"o{n}", not_before=NOW
        )
        for n in range(980)
    )


def test_a_refusal_of_us_is_met_once_by_a_thousand_messages(sink):
    plan_thousand()
    sink.say("rcpt", "550 5.7.1 relay denied")

    for _ in range(10):
        run()

    assert circuit.SEVERAL == sink.seen["rcpt"] <= 5
    assert states() == {"planned": 1000}
    assert Suppression.objects.count() == 0
    assert Circuit.objects.get().state == "open"


@both_modes
@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("rcpt", "530 5.7.0 authentication required"),
        ("mail", "553 sender refused"),
        ("dot", "535 5.7.8 credentials expired"),
        ("data", "530 5.7.0 authentication required"),
    ],
)
def test_a_refusal_of_us_stops_the_whole_queue_at_once(sink, step, reply):
    plan_many(20)
    sink.say(step, reply)

    run()
    run()

    opened = Circuit.objects.get()
    # With the dot that is refused the next mail's envelope may have travelled.
    assert sink.seen["mail"] <= (2 if step == "dot" and sink.pipelining else 1)
    assert sink.seen["dot"] <= 1
    assert states() == {"planned": 20}
    assert Suppression.objects.count() == 0
    assert Message.objects.filter(attempts__gt=0).count() == 1
    assert Message.objects.filter(not_before__gt=NOW).count() == 0
    assert (opened.state, opened.smtp_code) == ("open", int(reply[:3]))


@both_modes
@pytest.mark.parametrize(
    ("step", "reply"),
    [("dot", "554 5.7.1 looks like spam"), ("data", "503 5.5.1 bad sequence")],
)
def test_a_rule_against_all_we_write_is_met_by_a_few(sink, step, reply):
    plan_many(20)
    sink.say(step, reply)

    run()
    run()

    assert sink.seen[step] == circuit.SEVERAL
    assert sink.seen["mail"] <= 5
    assert states() == {"planned": 20}
    assert Suppression.objects.count() == 0
    assert Circuit.objects.get().state == "open"


def test_a_refused_login_stops_the_queue_without_blame(sink, settings):
    sink.user, sink.password = "shop", "right"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "shop", "wrong"
    plan_many(20)

    for _ in range(10):
        run()

    # smtplib offers the two ways to sign in that the server names.
    assert sink.seen["auth"] <= 2
    assert states() == {"planned": 20}
    assert Circuit.objects.get().reason_code == "login_refused"


def test_after_mending_one_probe_opens_the_way_for_all(sink):
    plan_many(12)
    sink.say("rcpt", "550 5.7.1 relay denied")
    run()
    sink.recover()

    run()
    closed = len(sink.recipients)
    circuit.try_now(SMTP, now=NOW)
    run()

    assert closed == 0
    assert states() == {"sent": 12}
    assert Circuit.objects.get().opened_at is None


def test_a_probe_that_fails_waits_longer_and_tries_one_message(sink):
    plan_many(12)
    sink.say("rcpt", "550 5.7.1 relay denied")
    for _ in range(3):
        run()
        circuit.try_now(SMTP, now=NOW)
    run()

    opened = Circuit.objects.get()
    assert opened.failures == 4
    assert opened.opened_at == NOW
    assert sink.seen["rcpt"] == circuit.SEVERAL + 3


def test_only_one_of_many_may_probe(sink):
    circuit.trip(SMTP, circuit.Failure("refused_us", 550, ours=True), now=NOW)
    circuit.try_now(SMTP, now=NOW)

    assert circuit.gate(SMTP) is circuit.Gate.ONE
    assert circuit.gate(SMTP) is circuit.Gate.SHUT


def test_a_server_that_is_not_there_holds_the_queue(sink, settings):
    settings.EMAIL_PORT = 1
    plan_many(3)

    run()

    assert states() == {"planned": 3}
    assert Circuit.objects.get().reason_code == "unreachable"
    assert Message.objects.filter(attempts__gt=0).count() == 0


# --- F19, F21: silence and broken connections ----------------------------------------


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("step", ["greeting", "ehlo"])
def test_a_server_that_never_answers_is_left_and_the_queue_waits(sink, step):
    plan_many(4)
    sink.say(step, HANG)
    started = time.monotonic()

    run()

    assert time.monotonic() - started < 60
    assert states() == {"planned": 4}
    assert Circuit.objects.get().reason_code == "unreachable"


@both_modes
@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("step", ["rcpt", DROP])
def test_silence_before_the_dot_costs_one_retry_and_the_others_go(sink, step):
    slow = plan("slow@example.org")
    plan_many(20)
    reply = HANG if step == "rcpt" else DROP
    sink.say("rcpt", reply, to="slow@example.org")
    started = time.monotonic()

    run()

    assert time.monotonic() - started < 60
    assert states() == {"sent": 20, "planned": 1}
    assert row(slow).refusals == 1
    assert row(slow).not_before > NOW


@both_modes
@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize(
    ("reply", "taken"),
    [(DROP, 0), (TAKE_AND_DROP, 1), (HANG, 0), (TAKE_AND_HANG, 1)],
)
def test_no_answer_after_the_dot_is_uncertain_and_never_sent_again(sink, reply, taken):
    message = plan("lost@example.org")
    plan_many(20)
    sink.say("dot", reply, to="lost@example.org")

    run()
    meanwhile = row(message).state
    lapse()
    leases.sweep_leases(now=NOW)
    run(at=NOW + timedelta(days=1))

    ended = row(message)
    assert meanwhile == "handed"
    assert (ended.state, ended.reason_code) == ("uncertain", "no_answer")
    assert sink.recipients.count("lost@example.org") == taken
    assert states() == {"sent": 20, "uncertain": 1}


@both_modes
@pytest.mark.parametrize("reply", [DROP, TAKE_AND_DROP])
def test_must_arrive_mail_is_sent_once_more_as_the_same_mail(sink, reply):
    message = plan("dana@example.org", on_uncertain="resend")
    sink.say("dot", reply, times=1)

    run()
    lapse()
    leases.sweep_leases(now=NOW)
    run()

    ids = {message_id for message_id, _ in sink.accepted}
    assert row(message).state == "sent"
    assert row(message).resends == 1
    assert len(ids) == 1
    assert len(sink.accepted) == (1 if reply == DROP else 2)


def test_must_arrive_mail_is_resent_only_once(sink):
    message = plan("dana@example.org", on_uncertain="resend")
    sink.say("dot", DROP)
    for _ in range(4):
        run()
        circuit.try_now(SMTP, now=NOW)
        lapse()
        leases.sweep_leases(now=NOW)

    assert (row(message).state, row(message).resends) == ("uncertain", 1)
    assert sink.seen["dot"] == 2


@both_modes
def test_a_server_that_breaks_every_connection_is_left_alone(sink):
    plan_many(30)
    sink.say("rcpt", DROP)

    run()

    assert sink.seen["rcpt"] == 3
    assert Circuit.objects.get().reason_code == "connection_lost"


def test_a_dripping_answer_has_an_end():
    class Dripping:
        def settimeout(self, seconds):
            self.patience = seconds

        def recv(self, _size):
            time.sleep(0.05)
            return b"2"

    replies = smtp_connection.Replies(Dripping())
    replies.within(0.3)
    started = time.monotonic()

    with pytest.raises(TimeoutError):
        replies.readline()
    assert time.monotonic() - started < 60


def test_an_endless_answer_has_an_end():
    class Endless:
        def settimeout(self, seconds):
            pass

        def recv(self, size):
            return b"2" * size

    replies = smtp_connection.Replies(Endless())
    replies.within(5)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        replies.readline()


def test_clear_text_is_never_used_when_tls_is_asked_for(sink, settings):
    """F23: the server does not offer STARTTLS."""
    settings.EMAIL_USE_TLS = True
    plan("dana@example.org")

    run()

    assert sink.seen["mail"] == 0
    assert Circuit.objects.get().reason_code == "tls_failed"
    assert states() == {"planned": 1}
