"""F03: whoever moves people from step to step is killed; each step still goes once, on
its day, and whoever is stopped gets no more."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from messaging.kinds import get
from messaging.models import Automation, Message, Run
from messaging.services import automation_rows, automations, planning
from messaging.services.delivery import deliver
from messaging.sql import runs as sql
from tests.factories import CustomerFactory, OrderFactory
from tests.faults import children

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]
START = datetime(2026, 11, 21, 6, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
# Those on which something happens: a mail is planned the day before it goes.
DAYS = (0, 3, 4, 13, 14)
# What a look does in its transaction: (its part, whether it ran when the kill came).
MOMENTS = [
    (part, after) for part in ("begin", "write", "planned") for after in (False, True)
]


@pytest.fixture
def dana(settings, tmp_path):
    """She is due today at nine, by the welcome series as it comes."""
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path
    row = automation_rows.create(get("welcome"), now=START - 2 * DAY)
    Automation.objects.filter(pk=row.pk).update(rests=False)
    automations.switch_on(row, now=START - 2 * DAY)
    return CustomerFactory(
        since_on=(START - DAY).date(), time_zone="UTC", mail_ground="asked"
    )


def look(at):
    planning.sweep(now=at, kinds=["welcome"])
    deliver(now=at)


def live(days, part, *, after):
    """From ten on of each of these days: two looks that are killed where they come to
    this part, the second of which sees what the first has sent, and another. Whether
    a kill came at all."""

    def killed(at):
        with children.dying(sql, part, after=after):
            look(at)

    codes = set()
    for day in days:
        at = START + day * DAY + timedelta(hours=4)
        for minute in range(2):
            codes.add(children.run(partial(killed, at + minute * MINUTE)))
        look(at + 2 * MINUTE)
    return children.KILLED in codes


def sent():
    rows = Message.objects.filter(state="sent").order_by("step")
    return [(row.step, (row.final_at - START).days) for row in rows]


@pytest.mark.parametrize(("part", "after"), MOMENTS)
def test_each_step_goes_once_on_its_day(dana, part, after):
    was_killed = live(DAYS, part, after=after)

    assert was_killed
    assert sent() == [(1, 0), (2, 4), (3, 14)]
    run = Run.objects.get()
    assert (run.customer, run.state, run.step) == (dana, "done", 3)


@pytest.mark.parametrize("part", ["stop", "stopped"])
@pytest.mark.parametrize("after", [False, True])
def test_who_buys_gets_no_more(dana, part, after):
    was_killed = live(DAYS[:3], part, after=after)
    OrderFactory(customer=dana, ordered_at=START + 6 * DAY)
    was_killed |= live(DAYS[3:], part, after=after)

    assert was_killed
    assert sent() == [(1, 0), (2, 4)]
    run = Run.objects.get()
    assert (run.state, run.reason_code) == ("stopped", "stopped_bought")
