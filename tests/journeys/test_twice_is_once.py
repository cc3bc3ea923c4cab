"""Every tick twice: the same rows, the same mails."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.module_loading import import_string

from config.schedule import BEAT_SCHEDULE
from messaging.services import delivery, planning
from tests.committed import outbox_in, uncommitted_rows
from tests.journeys.people import customer_of, years_before
from tests.journeys.reading import everything_stored
from tests.journeys.support import open_business, small_shop, switch_on

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TASKS = sorted({str(entry["task"]) for entry in BEAT_SCHEDULE.values()})


def tick(now):
    """What beat and worker do, at that moment."""
    planning.sweep(now=now)
    return delivery.deliver(now=now)


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("journal")
    with outbox_in(folder), uncommitted_rows(django_db_blocker):
        yield small_shop(NOW)


@pytest.mark.parametrize("task", TASKS)
def test_every_scheduled_task_twice_leaves_the_rows_of_once(task, shop, time_machine):
    """The day after, when there is something to plan, to send and to purge."""
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    run = import_string(task)
    run()
    once = everything_stored(but=())

    run()

    assert everything_stored(but=()) == once


def test_all_of_them_in_any_order_end_the_same(shop, time_machine):
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    for task in TASKS * 3:
        import_string(task)()
    settled = everything_stored(but=())

    for task in [*reversed(TASKS), *TASKS]:
        import_string(task)()

    assert everything_stored(but=()) == settled


def test_tasks_take_the_arguments_of_another_release(shop):
    """C21: what a queue holds after an upgrade does no harm."""
    for task in TASKS:
        import_string(task)(of_an_older_release=1)


@pytest.fixture
def dana(sink):
    open_business()
    switch_on("anniversary", now=NOW - timedelta(days=5), send_hour=9)
    return customer_of("Dana", "Levi", "en", NOW, since=years_before(NOW.date()))


def test_nine_and_five_past_nine_are_one_mail(sink, dana):
    nine = datetime(2026, 11, 20, 9, tzinfo=UTC)

    tick(nine - timedelta(minutes=1))
    early = sink.recipients
    for minutes in (0, 0, 5, 5, 60):
        tick(nine + timedelta(minutes=minutes))

    assert early == []
    assert sink.recipients == [dana.email]
