"""F07: beat is killed, and what it wrote down about its last ticks is torn.

Two beats: tests/journeys/test_two_beats.py. No beat for days: test_catching_up.py.
"""

import time

import pytest

from crm.models import Heartbeat
from tests.faults.mails import PATIENCE, wait_until
from tests.faults.workers import running_site

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

KILLS = 2


def test_a_killed_beat_ticks_again_also_with_a_torn_schedule(sink):
    with running_site(sink) as site:
        site.start_worker()
        for number in range(KILLS + 1):
            beat = start_beat(site)
            before = Heartbeat.objects.filter(name="beat").values_list("at").first()
            wait_until(
                lambda before=before: (
                    Heartbeat.objects.filter(name="beat").values_list("at").first()
                    != before
                ),
                PATIENCE,
            )
            time.sleep(0.2)
            site.kill(beat)
            if number:
                tear_schedule(site)


def start_beat(site):
    schedule = str(site.folder / "schedule")
    return site.start(
        *("beat", "--schedule", schedule, "-l", "WARNING"), app="tests.journeys.quick"
    )


def tear_schedule(site):
    files = list(site.folder.glob("schedule*"))
    assert files
    for path in files:
        path.write_bytes(path.read_bytes()[:100])
