"""F27: clocks that are wrong, that jump, and days that are no ordinary days."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from crm.models import Customer
from messaging import tasks
from messaging.models import Message
from messaging.services import delivery, planning
from tests.faults import children
from tests.journeys.people import customer_of
from tests.journeys.support import open_business, switch_on
from tests.messaging.delivering import plan, row

pytestmark = [pytest.mark.faults, pytest.mark.django_db]

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 9, 12, tzinfo=UTC)
HOURS = 96
# Whose day comes in the four days that are walked. 09:00 UTC each.
DAYS = {"tue": 10, "wed": 11, "thu": 12, "fri": 13, "sat": 14}
WALKED = {"tue", "wed", "thu", "fri"}
JUMP_AT = datetime(2026, 11, 11, 8, 30, tzinfo=UTC)  # half an hour before "wed"


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path


def person(name: str, since: date, zone: str = "UTC") -> Customer:
    made = customer_of(name, "", "en", START, since=since)
    Customer.objects.filter(pk=made.pk).update(
        email=f"{name}@example.org", email_norm=f"{name}@example.org", time_zone=zone
    )
    return made


def tick(now: datetime) -> None:
    planning.sweep(now=now, kinds=["anniversary"])
    delivery.deliver(now=now)


def walk(clock, *, hours: int = HOURS, start: datetime = START, step=6 * HOUR) -> None:
    """Beat and worker, for so long in truth, by what that clock shows."""
    for number in range(int(hours * HOUR / step) + 1):
        tick(clock(start + number * step))


def sent() -> Counter[str]:
    found = Message.objects.filter(state="sent").values_list("customer__email")
    return Counter(email.partition("@")[0] for (email,) in found)


def jump(by: timedelta):
    return lambda truth: truth if truth < JUMP_AT else truth + by


def for_one_tick(by: timedelta):
    return lambda truth: truth + by if JUMP_AT <= truth < JUMP_AT + 6 * HOUR else truth


# What the clock of the whole machine does, and who has had the mail at the end.
CLOCKS = {
    "is right": (lambda truth: truth, WALKED),
    "is 2 h ahead": (lambda truth: truth + 2 * HOUR, WALKED),
    "is 2 h behind": (lambda truth: truth - 2 * HOUR, WALKED),
    "goes 2 h ahead": (jump(2 * HOUR), WALKED),
    "goes back 3 h": (jump(-3 * HOUR), WALKED),
    "goes back 3 h for a while": (for_one_tick(-3 * HOUR), WALKED),
    # No program could know that it is not really 2027: what waited is over, and shown.
    "is 400 days ahead for a while": (
        for_one_tick(timedelta(days=400)),
        WALKED - {"wed", "thu"},
    ),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_whatever_the_clock_does_the_same_people_get_one_mail(name):
    clock, expected = CLOCKS[name]
    open_business()
    switch_on("anniversary", now=START - timedelta(days=5), send_hour=9)
    for who, day in DAYS.items():
        person(who, date(2022, 11, day))

    walk(clock)

    assert sent() == dict.fromkeys(expected, 1)
    over = Message.objects.filter(state="expired", due_on__year=2026)
    assert {one.customer.email[:3] for one in over} == WALKED - expected
    assert {one.reason_code for one in over} <= {"too_late"}


# Local hour 2 on the nights when it is skipped or comes twice, and 29 February.
NIGHTS = {
    "spring forward": (
        date(2026, 3, 29),
        "Europe/Berlin",
        datetime(2026, 3, 29, 1, tzinfo=UTC),  # 02:00 is not: 03:00 there
    ),
    "fall back": (
        date(2026, 10, 25),
        "Europe/Berlin",
        datetime(2026, 10, 25, 0, tzinfo=UTC),  # the first of the two
    ),
    "half an hour": (
        date(2026, 10, 4),
        "Australia/Lord_Howe",
        datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    ),
    "29 February in a common year": (
        date(2027, 2, 28),
        "UTC",
        datetime(2027, 2, 28, 2, tzinfo=UTC),
    ),
    "29 February in a leap year": (
        date(2028, 2, 29),
        "UTC",
        datetime(2028, 2, 29, 2, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize("night", NIGHTS)
def test_on_a_strange_night_everybody_gets_one_mail_at_the_right_moment(night):
    day, zone, moment = NIGHTS[night]
    open_business()
    switch_on("anniversary", now=moment - timedelta(days=5), send_hour=2)
    since = date(2020, 2, 29) if "February" in night else day.replace(year=2020)
    person("dana", since, zone)

    walk(
        lambda truth: truth,
        start=moment - timedelta(hours=3),
        hours=6,
        step=timedelta(minutes=30),
    )

    (mail,) = Message.objects.all()
    assert (mail.state, mail.not_before, mail.final_at) == ("sent", moment, moment)


# --- One worker is wrong, the database is right --------------------------------------


@pytest.mark.usefixtures("plain_kind")
@pytest.mark.parametrize(
    "wrong_by", [2 * HOUR, -2 * HOUR, timedelta(days=400), -timedelta(days=400)]
)
def test_a_worker_with_a_wrong_clock_does_what_the_others_would(settings, wrong_by):
    """Without the database's clock: too early, too late, ended, or held for a year."""
    settings.CLOCK_TOLERANCE_SECONDS = 60
    open_business()
    truth = timezone.now()
    due = plan("due@example.org", not_before=truth - HOUR)
    soon = plan("soon@example.org", not_before=truth + HOUR)
    over = plan(
        "over@example.org", not_before=truth - 3 * HOUR, expires_at=truth - HOUR
    )

    with time_machine.travel(truth + wrong_by):
        tasks.sweep_due()
        tasks.deliver()

    assert [row(message).state for message in (due, soon, over)] == [
        "sent",
        "planned",
        "expired",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("plain_kind")
def test_two_workers_of_different_time_send_every_mail_once(settings):
    settings.CLOCK_TOLERANCE_SECONDS = 60
    open_business()
    truth = timezone.now()
    for number in range(40):
        plan(f"c{number}@example.org", not_before=truth - HOUR)

    def work(wrong_by: timedelta) -> None:
        with time_machine.travel(timezone.now() + wrong_by):
            tasks.deliver()

    workers = [children.start(lambda by=by: work(by)) for by in (2 * HOUR, -2 * HOUR)]
    codes = [children.wait(worker) for worker in workers]

    assert codes == [0, 0]
    assert set(sent().values()) == {1}
    assert len(sent()) == 40
