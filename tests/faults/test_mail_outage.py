"""F24: the mail server is away for a day; what waits goes in order, what is over ends.

FAULTS_MESSAGES=20000 script/test tests/faults/test_mail_outage.py -s
"""

import os
import time
from datetime import timedelta

import pytest

from crm.models import Business
from messaging.models import Circuit, Message, Suppression
from messaging.rules.choices import Transport
from messaging.services import circuit, planning
from tests.factories import CustomerFactory, MessageFactory
from tests.messaging.delivering import NOW, run, states

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db,
    pytest.mark.usefixtures("plain_kind"),
]

MESSAGES = int(os.environ.get("FAULTS_MESSAGES", "240"))
DAY = timedelta(hours=24)
PRIORITIES = (10, 50, 60)


def plan_the_queue() -> None:
    """A sixth of it has less than a day to live; the oldest are written last."""
    Business.objects.update(quiet_from=0, quiet_until=0)
    customers = type(CustomerFactory.build()).objects.bulk_create(
        CustomerFactory.build(email=f"c{number}@example.org")
        for number in range(MESSAGES)
    )
    Message.objects.bulk_create(
        MessageFactory.build(
            kind="plain",
            customer=customer,
            occurrence=str(number),
            priority=PRIORITIES[number % 3],
            not_before=NOW - timedelta(seconds=number),
            expires_at=NOW + timedelta(hours=20 if number % 6 == 0 else 100),
        )
        for number, customer in enumerate(customers)
    )


def test_after_a_day_without_a_server_the_queue_goes_in_order_and_nothing_twice(
    sink, settings
):
    plan_the_queue()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1

    for hour in range(0, 25, 6):
        # Beat does both, all day long.
        planning.sweep(now=NOW + timedelta(hours=hour))
        run(at=NOW + timedelta(hours=hour))
        circuit.try_now(Transport.SMTP, now=NOW)
    during = states()
    blamed = Message.objects.filter(attempts__gt=0).count()
    tries = Circuit.objects.get().failures
    settings.EMAIL_PORT = port
    started = time.monotonic()
    run(at=NOW + DAY, seconds=float("inf"))
    took = time.monotonic() - started

    short = MESSAGES // 6 + (MESSAGES % 6 > 0)
    print(f"{MESSAGES - short} caught up in {took:.1f} s after {tries} tries")  # noqa: T201
    assert during == {"planned": MESSAGES - short, "expired": short}
    assert (blamed, Suppression.objects.count()) == (0, 0)
    assert states() == {"sent": MESSAGES - short, "expired": short}
    assert len(sink.recipients) == len(set(sink.recipients)) == MESSAGES - short
    order = [int(to[1 : to.index("@")]) for to in sink.recipients]
    # By priority, and within one the oldest first: the highest number is the oldest.
    assert order == sorted(order, key=lambda number: (number % 3, -number))


def test_what_ran_out_meanwhile_is_not_sent_even_when_no_sweep_ran(sink, settings):
    plan_the_queue()

    run(at=NOW + DAY)

    ended = Message.objects.filter(state="expired")
    assert {reason for (reason,) in ended.values_list("reason_code")} == {"too_late"}
    assert ended.count() == MESSAGES // 6 + (MESSAGES % 6 > 0)
    assert len(sink.recipients) == MESSAGES - ended.count()


def test_a_server_that_is_away_is_asked_less_and_less_often(sink, settings):
    """Two tries a message would be 40,000 a day: here it is one a wait."""
    settings.EMAIL_PORT = 1
    waits = []
    plan_the_queue()
    for _ in range(8):
        run()
        opened = Circuit.objects.get()
        waits.append((opened.next_probe_at - NOW).total_seconds())
        circuit.try_now(Transport.SMTP, now=NOW)

    gaps = [later - waits[0] for later in waits[1:]]
    assert gaps == sorted(gaps)
    assert 280 < gaps[-1] < 310
