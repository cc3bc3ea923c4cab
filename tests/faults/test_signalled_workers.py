"""F02, F04, F05: worker processes are killed, terminated, and paused for a while."""

import os
import random
import signal
import time

import psutil
import pytest

from messaging.models import Message
from tests.faults.mails import LONG, PATIENCE, all_are_final, plan, wait_until
from tests.faults.workers import running_site, ticking
from tests.messaging.delivering import states

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

CHILDREN = 50 if LONG else 5
STOP_SECONDS = 30
TERM, INT, QUIT = signal.SIGTERM, signal.SIGINT, signal.SIGQUIT
ORDERS = [[TERM], [QUIT], [INT], [TERM, TERM]] if LONG else [[TERM]]


@pytest.fixture
def site(sink):
    sink.delay = 0.03
    with running_site(sink) as running:
        yield running


def wait_for_mails(site, count):
    wait_until(lambda: len(site.sink.accepted) >= count, PATIENCE)


def finish(site, uncertain=0):
    """Everything comes to its end: nothing lost, nothing twice."""
    wait_until(all_are_final, PATIENCE)
    ended, arrived = states(), site.sink.recipients
    print(f"{dict(ended)}, accepted {len(arrived)}")  # noqa: T201
    sent = set(
        Message.objects.filter(state="sent").values_list("customer__email", flat=True)
    )
    assert set(ended) <= {"sent", "uncertain"}
    assert ended["uncertain"] <= uncertain
    assert sent <= set(arrived), "marked sent, but never arrived"
    assert len(set(arrived)) == len(arrived), "sent twice"


def test_killed_pool_processes_are_replaced_and_lose_nothing(site):
    plan(CHILDREN * 20 + 40)
    worker = site.start_worker()

    with ticking(site):
        for number in range(CHILDREN):
            wait_for_mails(site, 10 + number * 15)
            pool = psutil.Process(worker.pid).children()
            os.kill(random.choice(pool).pid, signal.SIGKILL)
            time.sleep(random.random() / 4)
        finish(site, uncertain=CHILDREN)

    assert worker.poll() is None


@pytest.mark.parametrize(
    "orders", ORDERS, ids=lambda orders: "+".join(map(str, orders))
)
def test_a_worker_that_is_asked_to_stop_stops_in_time_with_nothing_open(site, orders):
    plan(150)
    worker = site.start_worker()

    with ticking(site):
        wait_for_mails(site, 10)
        output = time.monotonic()
        for number in orders:
            worker.send_signal(number)
            time.sleep(0.5)
        worker.wait(STOP_SECONDS)
        took = time.monotonic() - output
        print(f"{orders}: gone after {took:.1f} s, {dict(states())}")  # noqa: T201
        in_hand = Message.objects.filter(state__in=["claimed", "handed"]).count()
        site.start_worker()
        # The others are a call to leave at once.
        finish(site, uncertain=0 if orders == [TERM] else 2)

    # A pass of five seconds, the last mails, and a busy machine.
    assert took < STOP_SECONDS if orders != [TERM] else took < 15
    assert in_hand == 0 or orders != [TERM]


@pytest.mark.skipif(not LONG, reason="with FAULTS=long only")
def test_a_worker_that_slept_beyond_its_lease_sends_nothing_again(site):
    """Another one has taken over what it held; what it brings late is refused.

    In short: test_a_sleeper_sends_no_dot_after_its_lease.
    """
    plan(120)
    sleeper = site.start_worker()

    with ticking(site):
        wait_for_mails(site, 10)
        os.killpg(sleeper.pid, signal.SIGSTOP)
        site.start_worker()
        # The lease of these workers is four seconds.
        time.sleep(60 if LONG else 6)
        os.killpg(sleeper.pid, signal.SIGCONT)
        finish(site, uncertain=2)
