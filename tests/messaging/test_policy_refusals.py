"""A rule of a mail server that stops one recipient's mail, or all of ours."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from crm.models import Customer
from messaging.models import Circuit, Message, Refusal, Suppression
from messaging.rules.choices import Transport
from messaging.services import circuit
from messaging.services.delivery.outcomes import POLICY_TRIES
from tests.crm.importing import take_customers
from tests.crm.test_import_cell_cases import case
from tests.factories import CustomerFactory, MessageFactory
from tests.messaging.delivering import NOW, plan, plan_many, row, run, states

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.faults,
    pytest.mark.usefixtures("plain_kind"),
]

# Where the answer to one command of several may be taken for that of another.
both_modes = pytest.mark.usefixtures("both_smtp_modes")
SMTP = Transport.SMTP
MEMBERS_ONLY = "550 5.7.1 members only"


def refused(sink, *names, step="rcpt", reply=MEMBERS_ONLY) -> list[Message]:
    """Messages to people whose server has a rule against them; they go first."""
    for name in names:
        sink.say(step, reply, to=f"{name}@example.net")
    return [
        plan(f"{name}@example.net", not_before=NOW - timedelta(hours=1))
        for name in names
    ]


def is_open() -> bool:
    return Circuit.objects.exclude(state="closed").exists()


# --- One recipient -------------------------------------------------------------------


@both_modes
@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("rcpt", "550 5.7.1 members only"),
        ("rcpt", "554 5.7.0 rejected"),
        ("rcpt", "550 5.5.0 mailbox unavailable"),
        ("rcpt", "501 syntax"),
        ("dot", "554 5.7.1 looks like spam"),
    ],
)
def test_one_recipients_rule_stops_that_mail_and_no_other(sink, step, reply):
    (message,) = refused(sink, "ana", step=step, reply=reply)
    plan_many(12)

    run()

    waiting = row(message)
    assert states() == {"sent": 12, "planned": 1}
    assert not is_open()
    assert (waiting.attempts, waiting.refusals, waiting.policy_refusals) == (1, 1, 1)
    assert waiting.deferred_reason == "policy_refused"
    assert waiting.smtp_text == reply[4:]
    assert timedelta(minutes=1) <= waiting.not_before - NOW <= timedelta(seconds=75)
    assert Suppression.objects.count() == 0


def test_a_rule_that_stays_ends_the_mail_with_the_servers_words(sink):
    (message,) = refused(sink, "ana")
    at, others = NOW, 0
    while row(message).state == "planned":
        run(at=at)
        at = max(row(message).not_before, at)
        others += 1
        plan(f"other{others}@example.org", not_before=at)

    ended = row(message)
    assert (ended.state, ended.reason_code) == ("failed", "refused_by_policy")
    assert ended.reason_data == {"tries": POLICY_TRIES}
    assert (ended.smtp_code, ended.smtp_text) == (550, "5.7.1 members only")
    assert sink.seen["rcpt"] >= POLICY_TRIES
    assert timedelta(hours=1) < at - NOW < timedelta(hours=2)
    assert Suppression.objects.count() == 0
    assert not is_open()


def test_a_rule_that_passes_costs_one_wait(sink):
    (message,) = refused(sink, "ana")

    run()
    sink.recover()
    run(at=NOW + timedelta(minutes=2))

    assert row(message).state == "sent"
    assert len(sink.recipients) == 1


def test_two_mails_of_one_recipient_are_one_recipient(sink):
    (message,) = refused(sink, "ana")
    for number in range(3):
        plan(customer=message.customer, occurrence=f"more {number}")

    for minute in range(3):
        run(at=NOW + timedelta(minutes=5 * minute))

    assert sink.seen["rcpt"] >= 3
    assert not is_open()


@pytest.mark.parametrize(
    "files", [["40_policy.csv"], ["44.csv", "45.csv"]], ids=["together", "alone first"]
)
def test_whom_a_rule_refuses_holds_up_nobody_of_the_shop_that_it_happened_to(
    sink, files
):
    """The one whose server refuses us goes first, and by itself."""
    sink.say("rcpt", MEMBERS_ONLY, to="policy0@example.net")
    sink.say("rcpt", MEMBERS_ONLY, to="policyq@example.net")
    for number, name in enumerate(files):
        take_customers(case(f"19-recipient-policy-stops-all/{name}"))
        for customer in Customer.objects.filter(messages=None).order_by("external_id"):
            MessageFactory(kind="plain", customer=customer, not_before=NOW)
        run(at=NOW + timedelta(seconds=number))

    waiting = Message.objects.get(state="planned")
    assert waiting.customer.family_name == "Icy"
    assert waiting.deferred_reason == "policy_refused"
    assert states() == {"planned": 1, "sent": Customer.objects.count() - 1}
    assert not is_open()


# --- Several recipients in a row -----------------------------------------------------


@both_modes
def test_a_rule_that_everybody_meets_stops_the_whole_queue(sink):
    customers = [one.customer for one in plan_many(20)]
    Message.objects.bulk_create(
        MessageFactory.build(
            kind="plain", customer=customers[n % 20], occurrence=f"o{n}", not_before=NOW
        )
        for n in range(980)
    )
    sink.say("rcpt", "550 5.7.1 relay denied")

    for _ in range(10):
        run()

    opened = Circuit.objects.get()
    assert sink.seen["rcpt"] == circuit.SEVERAL
    assert states() == {"planned": 1000}
    assert (opened.state, opened.reason_code) == ("open", "refused_us")
    assert (opened.smtp_code, opened.smtp_text) == (550, "5.7.1 relay denied")
    assert Suppression.objects.count() == 0
    # It was about us: no mail's tries are counted, and any may be the next try.
    assert not Message.objects.filter(policy_refusals__gt=0).exists()
    assert not Message.objects.filter(not_before__gt=NOW).exists()


def test_a_mail_that_is_taken_in_between_clears_us(sink):
    refused(sink, "ana")
    for other in ("ben", "cleo", "dan"):
        plan(f"ok-{other}@example.org", not_before=NOW - timedelta(minutes=1))
        run()
        refused(sink, other)
        run()

    assert not is_open()
    assert sink.seen["rcpt"] == 7
    assert states() == {"sent": 3, "planned": 4}


def test_refusals_that_are_long_apart_stop_nothing(sink):
    for hours, name in enumerate(("ana", "ben", "cleo")):
        refused(sink, name)
        run(at=NOW + timedelta(hours=2 * hours))
        Message.objects.filter(customer__email__startswith=name).update(
            not_before=NOW + timedelta(days=1), expires_at=NOW + timedelta(days=2)
        )

    assert sink.seen["rcpt"] == 3
    assert not is_open()


# --- Probes --------------------------------------------------------------------------


def probe(at=NOW) -> None:
    circuit.try_now(SMTP, now=at)
    run(at=at)


def recipients_refused() -> list[str]:
    return list(
        Refusal.objects.order_by("refused_at", "id").values_list(
            "message__customer__email", flat=True
        )
    )


def test_each_probe_takes_another_mail(sink):
    plan_many(8)
    sink.say("rcpt", "550 5.7.1 relay denied")
    run()

    for minute in range(5):
        probe(NOW + timedelta(minutes=minute))

    assert len(set(recipients_refused())) == 8
    assert sink.seen["rcpt"] == 8
    assert Circuit.objects.get().failures == 6


def test_when_all_had_their_turn_the_first_one_comes_again(sink):
    plan_many(4)
    sink.say("rcpt", "550 5.7.1 relay denied")
    run()
    turns = []

    for minute in range(1, 8):
        probe(NOW + timedelta(minutes=minute))
        turns.append(recipients_refused()[-1])

    assert set(turns[:4]) == set(turns[-4:])
    assert len(set(turns[:4])) == 4
    assert turns[4:] == turns[:3]


def test_the_mail_that_met_the_refusal_is_not_the_probe_that_decides(sink):
    """A sender refused once, for a mail that nothing else is wrong with."""
    (first,) = refused(sink, "ana", reply="530 5.7.0 authentication required")
    plan_many(6)

    run()
    held = states()
    probe()

    assert held == {"planned": 7}
    assert states() == {"sent": 6, "planned": 1}
    assert row(first).not_before == NOW + timedelta(minutes=1)
    assert not Message.objects.exclude(pk=first.pk).filter(refusals__gt=0).exists()


def test_a_refused_mail_counts_its_tries_and_ends_with_its_life(sink):
    message = plan("ana@example.net", expires_at=NOW + timedelta(hours=3))
    sink.say("mail", "553 sender refused")

    for hour in range(3):
        run(at=NOW + timedelta(hours=hour))
        circuit.try_now(SMTP, now=NOW)
    counted = row(message)
    run(at=NOW + timedelta(hours=4))

    assert (counted.state, counted.attempts, counted.refusals) == ("planned", 3, 3)
    assert counted.smtp_text == "sender refused"
    assert (row(message).state, row(message).reason_code) == ("expired", "too_late")


@both_modes
def test_after_a_lost_connection_one_recipients_rule_keeps_nothing_shut(sink, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    (message,) = refused(sink, "ana")
    plan_many(5)
    run()
    lost = Circuit.objects.get().reason_code
    settings.EMAIL_PORT = port

    probe()

    assert lost == "unreachable"
    assert states() == {"sent": 5, "planned": 1}
    assert row(message).deferred_reason == "policy_refused"


def test_a_server_that_takes_mail_again_forgets_what_was_refused(sink):
    plan_many(6)
    sink.say("rcpt", "550 5.7.1 relay denied")
    run()
    sink.recover()

    probe()

    assert states() == {"sent": 6}
    assert Refusal.objects.count() == 0
    assert Circuit.objects.get().refused is None


# --- Two deliverers ------------------------------------------------------------------


def beside(count: int, at=NOW) -> None:
    """So many deliverers at once, each with a connection of its own."""

    def work() -> None:
        try:
            start.wait(60)
            run(at=at)
        finally:
            connection.close()

    start = threading.Barrier(count)
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


@both_modes
@pytest.mark.django_db(transaction=True)
def test_two_deliverers_send_round_one_recipients_rule(sink):
    (message,) = refused(sink, "ana")
    plan_many(40)

    beside(2)

    assert states() == {"sent": 40, "planned": 1}
    assert len(set(sink.recipients)) == len(sink.recipients) == 40
    assert row(message).policy_refusals == 1
    assert not is_open()


@both_modes
@pytest.mark.django_db(transaction=True)
def test_two_deliverers_meet_a_rule_for_all_five_times_at_most(sink):
    sink.delay = 0.02
    customers = type(CustomerFactory.build()).objects.bulk_create(
        CustomerFactory.build(email=f"c{n}@example.org") for n in range(200)
    )
    Message.objects.bulk_create(
        MessageFactory.build(
            kind="plain", customer=customer, occurrence="o", not_before=NOW
        )
        for customer in customers
    )
    sink.say("rcpt", "550 5.7.1 relay denied")

    beside(2)

    assert circuit.SEVERAL <= sink.seen["rcpt"] <= 5
    assert states() == {"planned": 200}
    assert is_open()
    assert Suppression.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_deliverers_one_probes_with_a_mail_that_was_not_refused(sink):
    plan_many(10)
    sink.say("rcpt", "550 5.7.1 relay denied")
    run()
    before = set(recipients_refused())
    circuit.try_now(SMTP, now=NOW)

    beside(2)

    assert sink.seen["rcpt"] == circuit.SEVERAL + 1
    assert len(set(recipients_refused()) - before) == 1
