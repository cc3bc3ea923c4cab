"""F07: beat is killed, again and again; and there is none for four days.

Two beats: tests/journeys/test_two_beats.py. The table of the four days is that of
tests/journeys/test_catching_up.py, which walks through them without a process.
"""

from collections import Counter

import pytest

from crm.models import Heartbeat
from messaging.models import Message
from tests.faults.mails import LONG, PATIENCE, wait_until
from tests.faults.workers import running_site
from tests.journeys import test_catching_up as days

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


def test_after_four_days_without_a_beat_each_mail_goes_once_or_is_visibly_over(sink):
    """Real beat and worker at each of the three moments, killed after each."""
    people = days.open_shop()
    spells = [
        (days.ON.replace(hour=12), days.SENT_BEFORE[:1]),
        (days.STOPPED, days.SENT_BEFORE),
        (days.BACK, days.SENT_BEFORE + days.SENT_AFTER),
    ]
    with running_site(sink) as site:
        site.app = "tests.faults.another_day"
        for moment, sent in spells:
            if moment == days.BACK:
                days.while_nobody_looked(people)
            site.env = {"MOMENT": moment.isoformat()}
            pair = [site.start_worker(), site.start("beat", "-l", "WARNING")]
            wait_until(lambda sent=sent: len(sink.recipients) >= len(sent), PATIENCE)
            wait_until(lambda moment=moment: all_looked_at(moment, people), PATIENCE)
            # A mail cut off in its worker's hands is another test's.
            wait_until(none_is_under_way, PATIENCE)
            for child in pair:
                site.kill(child)

    assert Counter(sink.recipients) == Counter(
        days.addresses(days.SENT_BEFORE + days.SENT_AFTER)
    )
    days.test_every_row_ends_as_the_table_states(people)


def all_looked_at(moment, people):
    """Also of those without a mail."""
    if moment == days.STOPPED:
        ahead = [people[name] for name in people if name.endswith("tue")]
        return Message.objects.filter(customer__in=ahead).count() == len(ahead)
    return moment != days.BACK or matches_the_table(people)


def none_is_under_way():
    return not Message.objects.filter(state__in=["claimed", "handed"]).exists()


def matches_the_table(people):
    try:
        days.test_every_row_ends_as_the_table_states(people)
    except AssertionError:
        return False
    return True
