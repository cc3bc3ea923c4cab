"""Conditions of every app by themselves, and those about days against plain Python in
the zone of the shop."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Business, Customer, ImportRun, Interaction
from crm.services import order_sums
from feedback.models import Review
from messaging.models import Consent, Message, Suppression
from surveys.models import Response
from tests.crm.test_segments import asks, every, people
from tests.desk.conftest import NOW
from tests.factories import (
    CustomerFactory,
    InvitationFactory,
    MessageFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    ResponseFactory,
    ReviewFactory,
    ReviewRequestFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DAY = timedelta(days=1)
ZONES = ("UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati")


def days(field, is_, count):
    return {"field": field, "is": is_, "period": {"count": count, "unit": "days"}}


def shop_in(zone, leap_day="feb_28"):
    Business.objects.update(time_zone=zone, leap_day=leap_day)


def spoke(customer, at):
    Interaction.objects.create(
        customer=customer, channel="call", direction="inbound", happened_at=at,
        created_at=at,
    )  # fmt: skip


def got_mail(customer, at):
    MessageFactory(customer=customer, kind="anniversary", state="sent", final_at=at)


def answered(customer, at):
    invitation = InvitationFactory(customer=customer, message=None)
    ResponseFactory(invitation=invitation, confirmed_at=at, score=9)


def reviewed(customer, at):
    order = OrderFactory(customer=customer)
    ReviewFactory(request=ReviewRequestFactory(order=order), written_at=at)


MOMENTS = {
    "contact.last": spoke,
    "survey.answered": answered,
    "review.written": reviewed,
}


# --- Zones and 29 February -----------------------------------------------------------


@pytest.mark.parametrize("field", MOMENTS)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)
@given(
    zone=st.sampled_from(ZONES),
    hours=st.lists(st.integers(-80, 0), min_size=1, max_size=3),
    today_is=st.integers(0, 2),
    count=st.integers(1, 2),
    is_=st.sampled_from(["in_last", "not_in_last"]),
)
def test_a_moment_falls_on_the_shops_day(field, zone, hours, today_is, count, is_):
    shop_in(zone)
    moments = [NOW + timedelta(hours=each) for each in hours]
    person = CustomerFactory(external_id=f"P-{Customer.objects.count()}")
    for moment in moments:
        MOMENTS[field](person, moment)
    today = TODAY - today_is * DAY

    found = people(every(days(field, is_, count)), today=today)

    last = max(moments).astimezone(ZoneInfo(zone)).date()
    first = today - count * DAY
    meant = first <= last <= today if is_ == "in_last" else last < first
    assert (person.external_id in found) == meant


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("minutes", [-1, 0])
def test_mail_within_the_last_days_begins_with_a_day_of_the_shop(zone, minutes):
    shop_in(zone)
    begin = datetime(2026, 11, 8, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    dana = CustomerFactory(external_id="dana")
    got_mail(dana, begin + timedelta(minutes=minutes))
    within = {"within": {"count": 10, "unit": "days"}}

    is_in = {"dana"} if minutes == 0 else set()
    got = asks("mail.got", "any_of", "anniversary", **within)
    assert people(every(got), today=TODAY) == is_in
    counted = asks("mail.count", "at_least", "1", **within)
    assert people(every(counted), today=TODAY) == is_in


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)
@given(
    born=st.sampled_from([(2, 28), (2, 29), (3, 1), (12, 31), (1, 1)]),
    today=st.one_of(
        st.dates(date(2027, 2, 20), date(2027, 3, 3)),
        st.dates(date(2028, 2, 20), date(2028, 3, 3)),
        st.dates(date(2027, 12, 28), date(2028, 1, 2)),
    ),
    count=st.integers(1, 9),
    leap_day=st.sampled_from(["feb_28", "mar_1"]),
)
def test_birthdays_ahead_day_by_day(born, today, count, leap_day):
    shop_in("UTC", leap_day)
    Customer.objects.all().delete()
    CustomerFactory(external_id="dana", birth_month=born[0], birth_day=born[1])

    def falls_on(day):
        is_common = day.year % 4 != 0
        if born == (2, 29) and is_common:
            return (day.month, day.day) == ((2, 28) if leap_day == "feb_28" else (3, 1))
        return (day.month, day.day) == born

    meant = any(falls_on(today + ahead * DAY) for ahead in range(count + 1))
    found = people(every(days("birthday", "in_next", count)), today=today)
    assert found == ({"dana"} if meant else set())


# --- One by one ----------------------------------------------------------------------


@pytest.fixture
def three():
    return [CustomerFactory(external_id=name) for name in ("a", "b", "c")]


def test_the_last_import(three):
    def run(name):
        return ImportRun.objects.create(
            kind="customers", source="main", file_name=name, started_at=NOW
        )

    old, new = run("old.csv"), run("new.csv")
    for customer, last in zip(three, (old, new), strict=False):
        Customer.objects.filter(pk=customer.pk).update(last_import=last)

    assert people(every(asks("import", "any_of", str(new.pk)))) == {"b"}
    assert people(every(asks("import", "none_of", str(new.pk)))) == {"a", "c"}


def test_the_average_order_within_the_last_days(three):
    def order(customer, total, ago, **more):
        OrderFactory(
            customer=customer, total=total, ordered_on=TODAY - ago * DAY, **more
        )
        order_sums.count([customer.pk])

    order(three[0], 100, 1)
    order(three[0], 10, 40)
    order(three[0], -20, 2, nature="return")
    order(three[1], 90, 40)
    order(three[1], 500, 1, state="cancelled")
    within = {"within": {"count": 30, "unit": "days"}, "currency": "EUR"}

    def average(is_, amount):
        return people(every(asks("orders.average", is_, amount, **within)), today=TODAY)

    assert average("at_least", "80") == {"a"}
    assert average("at_least", "81") == set()
    assert average("at_most", "80") == {"a"}
    assert average("at_most", "79") == set()


def test_consent_is_what_was_said_last(three):
    def says(customer, granted, category="marketing"):
        Consent.objects.create(
            customer=customer, category=category, granted=granted, at=NOW,
            how="staff",
        )  # fmt: skip

    says(three[0], True)
    says(three[1], True)
    says(three[1], False)
    says(three[2], True, "survey")

    assert people(every(asks("mail.agreed", "any_of", "marketing"))) == {"a"}
    assert people(every(asks("mail.stopped", "any_of", "marketing"))) == {"b"}
    assert people(every(asks("mail.agreed", "none_of", "marketing"))) == {"b", "c"}


def test_how_many_mails_they_got(three):
    for _ in range(2):
        got_mail(three[0], NOW)
    got_mail(three[1], NOW)
    MessageFactory(customer=three[2], state="failed", final_at=NOW)

    def number(is_, n):
        return people(every(asks("mail.count", is_, n)))

    assert number("at_least", "2") == {"a"}
    assert number("at_most", "1") == {"b", "c"}
    assert number("at_most", "0") == {"c"}
    assert Message.objects.count() == 4


def test_the_last_answer_counts_and_only_a_confirmed_one(three):
    answered(three[0], NOW - 3 * DAY)
    answered(three[0], NOW)
    Response.objects.filter(confirmed_at=NOW).update(score=3)
    answered(three[1], NOW)
    Response.objects.filter(invitation__customer=three[1]).update(
        state="provisional", confirmed_at=None, completed_at=None
    )

    assert people(every(asks("survey.band", "any_of", "detractor"))) == {"a"}
    assert people(every(asks("survey.band", "any_of", "promoter"))) == set()
    assert people(every(asks("survey.score", "at_most", "3"))) == {"a"}
    assert people(every({"field": "survey.answered", "is": "unknown"})) == {"b", "c"}


def test_the_stars_of_the_last_review(three):
    reviewed(three[0], NOW - DAY)
    reviewed(three[1], NOW)
    three[1].refresh_from_db()

    known = people(every({"field": "review.written", "is": "known"}))
    assert known == {"a", "b"}
    assert people(every(asks("review.stars", "at_least", "1"))) == {"a", "b"}


def test_the_last_review_counts_and_none_that_was_taken_back(three):
    def review(customer, stars, at, **changes):
        order = OrderFactory(customer=customer)
        request = ReviewRequestFactory(order=order)
        ReviewFactory(request=request, written_at=at, stars=stars)
        Review.objects.filter(request=request).update(**changes)

    review(three[0], 2, NOW - DAY)
    review(three[0], 5, NOW)
    review(three[1], 5, NOW, state="withdrawn")

    assert people(every(asks("review.stars", "at_least", "5"))) == {"a"}
    assert people(every(asks("review.stars", "at_most", "2"))) == set()
    assert people(every({"field": "review.written", "is": "unknown"})) == {"b", "c"}


def bought_on(customer, *ago):
    days = [TODAY - each * DAY for each in ago]
    for day in days:
        OrderFactory(customer=customer, ordered_on=day)
    Customer.objects.filter(pk=customer.pk).update(
        first_order_on=min(days), last_order_on=max(days)
    )
    order_sums.count([customer.pk])


def test_gaps_are_between_orders_and_nobody_is_late_without_one(three):
    bought_on(three[0], 60, 40, 20)
    bought_on(three[1], 30)
    bought_on(three[2], 30, 30)

    def asked(field, is_, n):
        return people(every(asks(field, is_, n)), today=TODAY)

    assert asked("orders.gap", "at_least", "20") == {"a"}
    assert asked("orders.gap", "at_least", "21") == set()
    assert asked("orders.gap", "at_most", "20") == {"a", "c"}
    assert asked("orders.overdue", "at_least", "1") == {"a"}
    assert asked("orders.overdue", "at_least", "1.1") == set()
    assert asked("orders.overdue", "at_most", "5") == {"a"}


def test_what_was_only_returned_was_not_bought(three):
    for customer, nature in zip(three, ("purchase", "return"), strict=False):
        OrderLineFactory(
            order=OrderFactory(customer=customer),
            customer=customer,
            product=ProductFactory(sku=f"{nature} 1", category="Tea"),
            nature=nature,
            quantity=1 if nature == "purchase" else -1,
        )

    assert people(every(asks("bought.category", "any_of", "Tea"))) == {"a"}
    assert people(every(asks("bought.category", "none_of", "Tea"))) == {"b", "c"}


def test_an_owner_or_nobody(three):
    noa = UserFactory()
    Customer.objects.filter(pk=three[0].pk).update(owner=noa)

    assert people(every(asks("owner", "any_of", "none"))) == {"b", "c"}
    assert people(every(asks("owner", "none_of", "none"))) == {"a"}
    assert people(every(asks("owner", "none_of", str(noa.pk)))) == {"b", "c"}


def test_what_came_back_and_was_lifted_does_not_count(three):
    for customer, lifted_at in zip(three, (None, NOW), strict=False):
        digest = customer.external_id.encode() * 32
        MessageFactory(
            customer=customer, state="sent", final_at=NOW, address_hash=digest
        )
        Suppression.objects.create(
            address_hash=digest, reason="bounce", at=NOW, lifted_at=lifted_at
        )

    assert people(every(asks("mail.bounced", "yes"))) == {"a"}
    assert people(every(asks("mail.bounced", "no"))) == {"b", "c"}


def test_the_search_of_the_list_is_a_condition(three):
    CustomerFactory(external_id="d", given_name="Zoe", family_name="Quill")

    assert people(every(asks("search", "contains", "quill"))) == {"d"}
    assert people(every(asks("search", "contains", "quill zoe"))) == {"d"}
    assert people(every(asks("search", "contains", "xx%"))) == set()


def test_the_average_of_all_orders_is_no_sum(three):
    for total in (100, 20):
        OrderFactory(customer=three[0], total=total)
    order_sums.count([three[0].pk])

    def average(is_, amount):
        return people(every(asks("orders.average", is_, amount, currency="EUR")))

    assert average("at_least", "60") == {"a"}
    assert average("at_least", "61") == set()
    assert average("at_most", "60") == {"a"}


def test_the_core_ends_with_whoever_brings_it_to_four_fifths(three):
    for customer, total in zip(three, (80, 15, 5), strict=True):
        OrderFactory(customer=customer, total=total)
    order_sums.count([row.pk for row in three])

    order_sums.mark_core(now=NOW)

    assert people(every(asks("orders.core", "yes"))) == {"a"}
