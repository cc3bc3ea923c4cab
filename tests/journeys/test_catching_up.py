"""Four days without a beat, then one catch-up with every real kind.

The last tick was on Monday 16 November at 12:00 UTC, the next is on Friday the 20th at
12:00. Everything is switched on since Sunday the 15th, 00:00.

    anniversary        on the day, 09:00, lives  3 days
    survey_after_delivery  5 days after delivery, 10:00, lives 10 days
    review_request     14 days after delivery, 10:00, lives 35 days

Planning reaches 36 hours ahead. Nothing goes from 21:00 to 08:00 local time, and no one
gets two surveys (a review request is one) within 30 days.
"""

from datetime import UTC, date, datetime

import pytest

from messaging.models import Message
from messaging.rules.choices import Category
from messaging.services import consent, delivery, planning
from tests.committed import sink_in, uncommitted_rows
from tests.journeys.people import customer_of, order, years_before
from tests.journeys.support import open_business, switch_on

pytestmark = pytest.mark.django_db

ON = datetime(2026, 11, 15, tzinfo=UTC)
STOPPED = datetime(2026, 11, 16, 12, tzinfo=UTC)
BACK = datetime(2026, 11, 20, 12, tzinfo=UTC)

# Who has an anniversary on which day of November, and what becomes of it. None: no row.
ANNIVERSARIES = {
    "sun": (15, ("sent", "")),  # by the first tick, on Sunday
    "mon": (16, ("sent", "")),  # by the last tick before the stop
    "tue": (
        17,
        ("expired", "too_late"),
    ),  # planned on Monday; its life ended 20th 09:00
    "wed": (18, ("sent", "")),  # late, alive until the 21st 09:00
    "thu": (19, ("sent", "")),
    "fri": (20, ("sent", "")),  # three hours late
    "sat": (21, ("planned", "")),  # 21 hours ahead
    "next": (22, None),  # 45 hours ahead
    "auckland": (20, ("planned", "quiet_hours")),  # it is 01:00 on Saturday there
}
# What was delivered on which days of November, and what becomes of the question.
QUESTIONS = {
    "before": ([9], None),  # due on the 14th, before it was switched on
    "asked_tue": ([12], ("sent", "")),  # planned on Monday, alive until the 27th
    "asked_wed": ([13], ("sent", "")),  # not yet planned on Monday
    "asked_sat": ([16], ("planned", "")),  # due on the 21st
    "cancelled_tue": ([12], ("cancelled", "order_cancelled")),  # after it was planned
    "cancelled_wed": ([13], None),  # before anybody planned it
    "opted_out_tue": ([12], ("suppressed", "opted_out")),
    "opted_out_wed": ([13], ("suppressed", "opted_out")),
    "no_address": ([13], ("suppressed", "no_address")),
    # Review request of the 4th and survey of the 13th fall due on the 18th together:
    # the request is more important, so the survey waits, and would wait 30 days.
    "twice_asked": ([4, 13], ("planned", "contact_limit")),
}
REVIEWS = {"twice_asked": ("sent", "")}
SENT_BEFORE = ["sun", "mon"]
SENT_AFTER = ["wed", "thu", "fri", "asked_tue", "asked_wed", "twice_asked"]


def november(day: int) -> date:
    return date(2026, 11, day)


def tick(now):
    """What beat and worker do, at that moment."""
    planning.sweep(now=now)
    delivery.deliver(now=now)


def person(name, *, since=None, zone="UTC"):
    made = customer_of(name, "", "en", STOPPED, since=since)
    made.email = made.email_norm = "" if name == "no_address" else f"{name}@example.org"
    made.time_zone = zone
    made.save()
    return made


def open_shop():
    open_business(quiet_from=21, quiet_until=8)
    switch_on("anniversary", now=ON, send_hour=9)
    switch_on("survey_after_delivery", "review_request", now=ON, send_hour=10)
    people = {
        name: person(
            name,
            since=years_before(november(day)),
            zone="Pacific/Auckland" if name == "auckland" else "UTC",
        )
        for name, (day, _) in ANNIVERSARIES.items()
    }
    for name, (days, _) in QUESTIONS.items():
        people[name] = person(name)
        for day in days:
            order(people[name], now=STOPPED, delivered=november(day))
    return people


def while_nobody_looked(people):
    for name in ("cancelled_tue", "cancelled_wed"):
        people[name].orders.update(state="cancelled")
    for name in ("opted_out_tue", "opted_out_wed"):
        consent.withdraw(
            people[name], categories=[Category.SURVEY], how="staff", now=STOPPED
        )


@pytest.fixture(scope="module")
def sink(tmp_path_factory):
    with sink_in(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker, sink):
    """Two ticks, a stop in which things happen, and one catch-up."""
    with uncommitted_rows(django_db_blocker):
        people = open_shop()
        tick(ON.replace(hour=12))
        tick(STOPPED)
        while_nobody_looked(people)
        tick(BACK)
        yield people


def outcome(person, *kinds):
    rows = Message.objects.filter(customer=person, kind__in=kinds)
    found = [(row.state, row.reason_code or row.deferred_reason) for row in rows]
    assert len(found) <= 1
    return found[0] if found else None


def test_every_row_ends_as_the_table_states(shop):
    assert {name: outcome(shop[name], "anniversary") for name in ANNIVERSARIES} == {
        name: expected for name, (_, expected) in ANNIVERSARIES.items()
    }
    assert {
        name: outcome(shop[name], "survey_after_delivery") for name in QUESTIONS
    } == {name: expected for name, (_, expected) in QUESTIONS.items()}
    assert {name: outcome(shop[name], "review_request") for name in QUESTIONS} == {
        name: REVIEWS.get(name) for name in QUESTIONS
    }


def test_who_got_mail_got_one(shop, sink):
    assert sink.recipients[:2] == addresses(SENT_BEFORE)
    assert sorted(sink.recipients[2:]) == sorted(addresses(SENT_AFTER))


def addresses(names):
    return [f"{name}@example.org" for name in names]


def test_a_second_catch_up_finds_nothing_to_do(shop, sink):
    rows = list(Message.objects.order_by("pk").values())
    mails = sink.recipients

    tick(BACK)
    tick(BACK)

    assert list(Message.objects.order_by("pk").values()) == rows
    assert sink.recipients == mails


def test_what_had_to_wait_goes_when_it_may(shop, sink):
    """Auckland wakes at 19:00 UTC; Saturday's mails go on Saturday."""
    seen = len(sink.recipients)

    tick(BACK.replace(hour=19))
    tick(datetime(2026, 11, 21, 10, tzinfo=UTC))

    assert sink.recipients[seen:] == addresses(["auckland", "sat", "asked_sat"])
