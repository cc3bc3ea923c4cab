"""F01, F08: real workers and a real broker are killed; no mail is lost or doubled."""

import os
import random
import time

import pytest

from messaging.models import Message
from tests.faults.mails import LONG, PATIENCE, all_are_final, plan, wait_until
from tests.faults.workers import Site, running_site, ticking
from tests.messaging.delivering import states

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
]

MESSAGES = 300
KILLS = 3
PROCESSES = 2  # of each worker
BROKER_KILLS = 6 if LONG else 2


@pytest.fixture
def site(sink):
    with running_site(sink) as running:
        yield running


def kill_while_busy(site: Site, victim: int, chance: random.Random) -> None:
    """Only a kill in the middle of work tests anything."""
    before = len(site.sink.accepted)
    wait_until(lambda: len(site.sink.accepted) >= before + 10, PATIENCE)
    time.sleep(chance.random() / 3)
    wait_until(Message.objects.filter(state="handed").exists, PATIENCE)
    site.kill(site.workers[victim])


@pytest.mark.slow
@pytest.mark.pipeline
def test_killed_workers_lose_no_mail_and_double_none(site):
    seed = int(os.environ.get("FAULTS_SEED") or random.randrange(10**6))
    print(f"seed {seed}: repeat with FAULTS_SEED={seed}")  # noqa: T201
    chance = random.Random(seed)
    site.sink.delay = 0.04
    plan(MESSAGES)
    for _ in range(2):
        site.start_worker()

    with ticking(site):
        for number in range(KILLS):
            kill_while_busy(site, number, chance)
            site.start_worker()
        wait_until(all_are_final, PATIENCE)

    ended = states()
    sent = set(
        Message.objects.filter(state="sent").values_list("customer__email", flat=True)
    )
    print(f"{KILLS} kills: {dict(ended)}, accepted {len(site.sink.accepted)}")  # noqa: T201
    assert ended["sent"] + ended["uncertain"] == MESSAGES
    assert ended["uncertain"] <= KILLS * PROCESSES
    assert sent <= set(site.sink.recipients), "marked sent, but never arrived"
    assert len(set(site.sink.recipients)) == len(site.sink.recipients), "sent twice"


@pytest.mark.slow
@pytest.mark.pipeline
def test_a_broker_that_dies_and_comes_back_empty_loses_no_mail(site):
    """F08. Nothing of value lives in it: after the restart the next tick goes on."""
    site.sink.delay = 0.02
    plan(40, "before")
    site.start_worker()
    wait_until(lambda: started(site, 5))

    for number in range(BROKER_KILLS):
        site.valkey.child.kill()
        site.valkey.child.wait()
        plan(10, f"during{number}-")
        time.sleep(0.5)
        site.valkey.start()
        back = time.monotonic()
        with ticking(site):
            wait_until(all_are_final, 120)
        print(f"all out {time.monotonic() - back:.1f} s after the restart")  # noqa: T201

    planned = 40 + 10 * BROKER_KILLS
    assert states() == {"sent": planned}
    assert len(set(site.sink.recipients)) == len(site.sink.recipients) == planned


def started(site: Site, mails: int) -> bool:
    site.ring()
    return len(site.sink.accepted) >= mails
