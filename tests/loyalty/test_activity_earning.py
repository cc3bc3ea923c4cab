"""What is earned by signing up, by reviews and on occasions, by itself."""

from datetime import date
from decimal import Decimal

import pytest

from crm.services import customers, merging
from feedback.services import moderation, reviews
from feedback.services.reviews import ReviewInput
from loyalty.choices import EarnEvent
from loyalty.models import Entry, ProgrammePeriod, StaleMember
from loyalty.services.programmes import (
    expiring,
    joining,
    manual_entries,
    orders,
    programmes,
    rules,
)
from tests.factories import (
    CustomerFactory,
    OrderFactory,
    ReviewRequestFactory,
    UserFactory,
)
from tests.loyalty.programme_shop import (
    at,
    balance,
    buy,
    entries,
    open_shop,
    people,
    programme,
    work,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="owner")


@pytest.fixture(autouse=True)
def shop(db):
    open_shop()


def rewarding(event, units=5, key="", on="2026-01-01", **values):
    """A programme that rewards it since a day."""
    made = programme(**values)
    values = {"units": Decimal(units)}
    rule = rules.add(made, event=event, key=key, values=values, now=at(on))
    return made, rule


def new_customer(day, **values):
    return customers.create_customer(given_name="Dana", now=at(day), **values)


def reviewed(person, day, stars=1):
    request = ReviewRequestFactory(
        order=OrderFactory(customer=person), requested_at=at("2026-01-02")
    )
    return request, reviews.submit_review(
        request, written=ReviewInput(stars), now=at(day)
    )


def test_a_new_customer_earns_once_and_whoever_came_before_does_not():
    before = new_customer("2026-01-02")
    rewarding(EarnEvent.SIGN_UP, on="2026-01-05")
    dana = new_customer("2026-01-05")
    # The record is new, the customer is not.
    old = new_customer("2026-01-06", since_on=date(2025, 3, 1))

    work("2026-01-07")
    orders.mark([one.pk for one in (before, dana, old)], now=at("2026-01-08"))
    work("2026-01-08")

    assert [balance(one) for one in (before, dana, old)] == [0, 5, 0]
    assert entries(dana) == [("earned", 5)]


def test_whoever_joins_has_it_at_once_and_not_again_after_coming_back():
    club, _rule = rewarding(EarnEvent.SIGN_UP, takes_part="joining")
    dana, noa = people()
    work("2026-01-02")

    joined = joining.join(club, dana, now=at("2026-02-01"))
    first = joined.balance
    joining.leave(joined, now=at("2026-02-02"))
    again = joining.join(club, dana, now=at("2026-02-03"))

    assert (first, again.balance, balance(noa)) == (5, 5, 0)


def test_a_review_earns_whatever_its_stars_and_is_taken_back_with_it(owner):
    rewarding(EarnEvent.REVIEW)
    dana, noa = people()
    early = reviewed(noa, "2026-01-01")
    request, review = reviewed(dana, "2026-02-01", stars=1)
    work("2026-02-01")
    moderation.reject(review, note="spam", version=1, staff=owner, now=at("2026-02-02"))
    work("2026-02-02")
    rejected = balance(dana)
    reviews.withdraw_review(request, now=at("2026-02-03"))
    work("2026-02-03")
    withdrawn = balance(dana)
    reviews.submit_review(request, written=ReviewInput(2), now=at("2026-02-04"))
    work("2026-02-04")

    assert (rejected, withdrawn, balance(dana)) == (5, 0, 5)
    assert entries(dana) == [("earned", 5), ("reversed", -5), ("earned", 5)]
    # On the day of the rule: it counts.
    assert (early[1].stars, balance(noa)) == (1, 5)


def test_what_a_withdrawn_review_earned_and_that_ran_out_is_not_taken_twice():
    rewarding(EarnEvent.REVIEW, expiry="days", expires_after=10)
    dana = CustomerFactory()
    request, _review = reviewed(dana, "2026-02-01")
    work("2026-02-01")
    expiring.expire(now=at("2026-02-20"))
    reviews.withdraw_review(request, now=at("2026-02-21"))
    work("2026-02-21")

    assert (balance(dana), entries(dana)) == (0, [("earned", 5), ("expired", -5)])


def test_a_review_of_a_merged_record_earned_already():
    rewarding(EarnEvent.REVIEW)
    dana, noa = people()
    reviewed(noa, "2026-02-01")
    work("2026-02-01")
    merging.merge(dana, noa, now=at("2026-02-02"))
    work("2026-02-02")

    assert balance(dana) == 5
    assert Entry.objects.filter(kind="earned").count() == 1


@pytest.mark.parametrize(
    ("key", "day"),
    [
        # Born on 29 February: in 2026, a common year, on the 28th.
        ("birthday", "2026-02-28"),
        ("anniversary", "2026-05-12"),
        ("first_order", "2026-06-09"),
    ],
)
def test_an_occasion_earns_once_a_year_on_its_day(key, day):
    _made, rule = rewarding(EarnEvent.OCCASION, key=key)
    dana = CustomerFactory(
        birth_month=2, birth_day=29, since_on=date(2020, 5, 12),
        first_order_on=date(2021, 6, 9), created_at=at("2025-01-01"),
    )  # fmt: skip
    for each in ("2026-01-02", str(date.fromisoformat(day).replace(day=1)), day):
        before = balance(dana)
        work(each)
    work("2026-06-20")
    # What a shop ticked over the API is the same.
    manual_entries.tick(rule, dana, once="2026", now=at("2026-07-01"))
    # The next year: 2027-02-28, 2027-05-12, 2027-06-09.
    work("2027-01-02")
    orders.mark([dana.pk], now=at("2027-06-06"))
    work(f"2027{day[4:]}")

    assert (before, entries(dana)) == (0, [("earned", 5)] * 2)


def test_no_occasion_earns_before_the_rule_or_for_a_birthday_told_for_it():
    _made, _rule = rewarding(EarnEvent.OCCASION, key="birthday", on="2026-03-05")
    facts = {"birth_month": 3, "birth_day": 4, "created_at": at("2025-01-01")}
    dana = CustomerFactory(**facts)
    noa = CustomerFactory(
        **{**facts, "birth_day": 10}, birth_recorded_at=at("2026-03-01")
    )
    orders.mark([dana.pk, noa.pk], now=at("2026-03-10"))
    work("2026-03-10")

    assert (balance(dana), balance(noa)) == (0, 0)


def test_switched_off_nothing_earns_from_that_moment():
    made, rule = rewarding(EarnEvent.REVIEW)
    dana, noa = people()
    buy(dana, ("TEA", 1, 10), order="A-1", on="2026-03-01")  # Noon.
    programmes.switch_off(made, now=at("2026-03-01", 13))
    reviewed(dana, "2026-03-01")
    for person, hour in ((dana, 14), (noa, 15)):
        order = buy(person, ("TEA", 1, 20), order=f"B-{hour}", on="2026-03-01")
        type(order).objects.filter(pk=order.pk).update(
            ordered_at=at("2026-03-01", hour)
        )
    work()

    # Both the order and the review of noon were before; nothing of 14:00 and 15:00.
    assert (balance(dana), balance(noa)) == (15, 0)
    period = ProgrammePeriod.objects.get()
    assert (period.until_on, period.ended_at) == (
        date(2026, 3, 1), at("2026-03-01", 13),
    )  # fmt: skip
    assert rule.ended_at is None


def test_nobody_is_marked_where_no_programme_rewards_it():
    programme()
    new_customer("2026-02-01")

    assert not StaleMember.objects.exists()
