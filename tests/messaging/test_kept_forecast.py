"""A forecast that goes on from the one before is the one that is made from nothing."""

from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as checks
from hypothesis import strategies as st

from crm.models import Business, Customer
from messaging.errors import ConsentWithdrawn
from messaging.models import Automation, BudgetRule, Forecast, ForecastDay
from messaging.rules.choices import Category
from messaging.services import consent, delivery, holds, planning
from tests.factories import AutomationFactory, CustomerFactory
from tests.messaging.dated_kinds import KINDS, dated_kinds
from tests.messaging.forecast_shop import (
    DAY,
    HOUR,
    NOW,
    crowds,
    due,
    in_israel,
    random_shop,
    sent,
    switch_on_all,
    worked_out,
)

# A Monday: what was found is kept for the week.
MONDAY = NOW + 2 * DAY
NAMES = [kind.name for kind in KINDS]


def nothing(one, lot, at):
    pass


def another_mail(one, lot, at):
    kind = lot.choice(NAMES)
    due(one, kind, (at - NOW).days + lot.randrange(1, 62))


def an_earlier_mail(one, lot, at):
    kind = lot.choice(KINDS)
    sent(one, kind.name, kind.category.value, lot.randrange(1, 12))


def a_yes(one, lot, at):
    # Whoever said no is not asked for a yes by staff.
    with suppress(ConsentWithdrawn):
        consent.grant(
            one, categories={Category.MARKETING}, how="staff", source_text="Yes", now=at
        )


def a_no(one, lot, at):
    category = lot.choice([Category.SURVEY, Category.LOYALTY])
    consent.withdraw(one, categories={category}, how="staff", now=at)


def a_move(one, lot, at):
    zones = ["Pacific/Auckland", "Pacific/Honolulu", "UTC", ""]
    Customer.objects.filter(pk=one.pk).update(
        time_zone=lot.choice(zones), country=lot.choice(["IL", "GB", ""])
    )


def an_address_of_two(one, lot, at):
    other = Customer.objects.exclude(email_norm="").order_by("pk").first()
    Customer.objects.filter(pk=one.pk).update(
        email=other.email, email_norm=other.email_norm
    )


def a_complaint(one, lot, at):
    holds.place(
        one, categories={Category.SURVEY}, reason="open_complaint",
        source_key=f"c:{one.pk}:{at}", now=at,
    )  # fmt: skip


def a_sweep(one, lot, at):
    planning.sweep(now=at, kinds=[*NAMES, "new_year"])


def a_delivery(one, lot, at):
    delivery.deliver(now=at)


def another_limit(one, lot, at):
    BudgetRule.objects.update(max_count=lot.choice([1, 2, 3]))


def another_zone_of_the_shop(one, lot, at):
    zone = lot.choice(["Asia/Tokyo", "America/Los_Angeles"])
    Business.objects.update(time_zone=zone)


def other_days_of_an_automation(one, lot, at):
    Automation.objects.filter(kind="thanks").update(weekdays=[1, 3, 5])


CHANGES = [
    nothing, another_mail, an_earlier_mail, a_yes, a_no, a_move, an_address_of_two,
    a_complaint, a_sweep, a_delivery, another_limit, another_zone_of_the_shop,
    other_days_of_an_automation,
]  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(CHANGES), st.integers(0, 2**32), st.integers(0, 30 * 60)),
    min_size=3,
    max_size=6,
)


@pytest.fixture
def shop(db):
    """Everybody, wishes to all that are coming already, and others to some of whom no
    forecast of this Monday knows: their day is the sixtieth on Wednesday."""
    with dated_kinds():
        switch_on_all()
        everybody = random_shop(4, days=58)
        crowds()
        told = {"kind": "new_year", "life_days": 3, "send_hour": 9, "is_on": True}
        AutomationFactory(name="all", switched_on_at=NOW - DAY, priority=55, **told)
        Automation.objects.create(
            name="some", audience=in_israel(), priority=40, offset_days=22,
            switched_on_at=NOW - DAY, **told,
        )  # fmt: skip
        yield everybody


@pytest.mark.slow
@given(steps=STEPS)
@checks(
    max_examples=12,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow,
    ],
    deadline=None,
)  # fmt: skip
def test_whatever_happens_it_goes_on_to_what_one_from_nothing_finds(shop, steps):
    """Changes of people, mails and settings, some minutes to more than a day apart."""
    with transaction.atomic():
        at = MONDAY
        worked_out(at)
        for change, seed, minutes in steps:
            lot = Random(seed)
            change(lot.choice(shop), lot, at)
            at += timedelta(minutes=minutes)
            assert goes_on(at) == from_nothing(at)
        transaction.set_rollback(True)


def test_of_the_next_days_those_are_looked_at_whose_mails_changed(shop):
    """Whoever has a mail that fell out or came in, and nobody else; on Wednesday comes
    the day of wishes that go to some."""
    worked_out(MONDAY)
    looked_at = []
    for days in (1, 2, 3):
        at = MONDAY + days * DAY - HOUR
        found = goes_on(at)
        looked_at.append(numbers_looked_at())
        assert found == from_nothing(at)
    whole = numbers_of_all()

    assert all(0 < some < whole for some in looked_at)
    assert sum(looked_at) < 2 * whole
    israel = Automation.objects.get(name="some")
    assert Forecast.objects.get().days.filter(automation=israel).exists()
    # In another week everybody is.
    goes_on(MONDAY + 7 * DAY)
    assert numbers_looked_at() == numbers_of_all()


def test_what_was_due_yesterday_and_goes_yet_stands_under_today(db):
    """Nine o'clock in Honolulu is four in the morning of the next day in Tokyo."""
    with dated_kinds():
        switch_on_all()
        Business.objects.update(time_zone="Asia/Tokyo")
        due(CustomerFactory(time_zone="Pacific/Honolulu"), "thanks", 3)
        evening = NOW.replace(hour=12) + 3 * DAY

        days = []
        for at in (evening, evening + 4 * HOUR):
            found = goes_on(at)
            days.append(ForecastDay.objects.get().day)
            assert found == from_nothing(at)

    assert days == [evening.date(), evening.date() + DAY]


def goes_on(at):
    return figures(worked_out(at, again=True))


def from_nothing(at):
    """Of which nothing is kept."""
    with transaction.atomic():
        found = figures(worked_out(at))
        transaction.set_rollback(True)
    return found


def figures(found):
    """With the sums by day."""
    rows = ForecastDay.objects.values_list(
        "automation", "day", "decision", "reason_code", "goes_on", "mails"
    )
    return found, set(rows)


def numbers_looked_at():
    return count_of("SELECT count(DISTINCT alike) FROM forecast_person")


def numbers_of_all():
    return count_of("SELECT count(DISTINCT alike) FROM forecast_everybody")


def count_of(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
