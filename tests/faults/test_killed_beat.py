"""F07: beat is killed, again and again.

Two beats: tests/journeys/test_two_beats.py. No beat for days: test_catching_up.py.
"""

import pytest

from crm.models import Heartbeat
from tests.faults.mails import LONG, PATIENCE, wait_until
from tests.faults.workers import running_site

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

KILLS = 5 if LONG else 1


def test_a_killed_beat_ticks_again_and_keeps_no_file_that_could_be_torn(sink):
    with running_site(sink) as site:
        for name in ("celerybeat-schedule", "celerybeat-schedule.dat"):
            (site.folder / name).write_bytes(b"torn by an older release")
        site.start_worker()
        for _ in range(KILLS + 1):
            before = last_tick()
            beat = site.start("beat", "-l", "WARNING", app="tests.journeys.quick")
            wait_until(lambda before=before: last_tick() != before, PATIENCE)
            site.kill(beat)

        assert not list(site.folder.glob("celerybeat-schedule.d*r"))


def test_beat_is_heard_of_as_soon_as_it_starts(sink):
    with running_site(sink) as site:
        site.start_worker()
        site.start("beat", "-l", "WARNING", app="config")

        # Its schedule alone would tick after a minute.
        wait_until(lambda: last_tick() is not None, 30)


def last_tick():
    return Heartbeat.objects.filter(name="beat").values_list("at", flat=True).first()
