"""We have not seen you: when, to whom, until when; and its backtest by hand."""

from datetime import UTC, date, datetime, timedelta
from math import sqrt

import pytest

from crm.models import Customer, Interaction
from desk.reports import win_back_backtest as report
from loyalty.models import Silence
from loyalty.rules.pooling import DEFAULT
from loyalty.rules.win_back import silent_after
from loyalty.rules.win_back_backtest import backtest, silence
from loyalty.services import next_purchases
from messaging import kinds
from messaging.errors import LastStepOffers, TooManySteps
from messaging.models import Message
from messaging.services import (
    automation_rows,
    automations,
    planning,
    steps,
    wordings,
)
from support.models import Conversation, Mail
from tests.factories import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    UserFactory,
)
from tests.loyalty.reward_shop import make, open_shop
from tests.pages import read

DAY = timedelta(days=1)
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
TODAY = NOW.date()


@pytest.mark.parametrize(("gap", "days"), [(5, 90), (45, 90), (45.2, 91), (100, 200)])
def test_long_is_twice_their_usual_time_and_ninety_days_at_least(gap, days):
    assert silent_after(gap) == days


def buy(customer, *days):
    product = ProductFactory()
    for day in days:
        order = OrderFactory(customer=customer, ordered_on=day)
        OrderLineFactory(order=order, product=product, quantity=1)
    last = max(*days, customer.last_order_on or date.min)
    Customer.objects.filter(pk=customer.pk).update(last_order_on=last)
    next_purchases.mark([customer.pk], now=NOW)


def test_the_upkeep_says_from_which_day_on_somebody_is_silent(db):
    monthly, yearly = CustomerFactory(), CustomerFactory()
    buy(monthly, date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 2))
    buy(yearly, date(2024, 3, 1), date(2025, 3, 1), date(2026, 3, 1))

    next_purchases.process_pending(now=NOW)

    found = dict(Silence.objects.values_list("customer", "silent_on"))
    assert found[monthly.pk] == date(2026, 3, 2) + 90 * DAY
    assert found[yearly.pk] > date(2026, 3, 1) + 600 * DAY


@pytest.fixture
def automation(db):
    row = automation_rows.create(kinds.get("win_back"), now=NOW - DAY)
    return automations.switch_on(row, now=NOW - DAY)


@pytest.fixture
def silent(automation):
    customer = CustomerFactory(mail_ground="Bought")
    buy(customer, *(TODAY - ago * DAY for ago in (150, 120, 90)))
    return customer


def sweep(now=NOW):
    planning.sweep(now=now, kinds=["win_back"])
    return list(Message.objects.filter(kind="win_back").order_by("pk"))


def test_three_months_after_the_last_order_the_first_mail_is_planned(silent):
    (row,) = sweep()

    assert (row.customer, row.due_on, row.category) == (silent, TODAY, "marketing")
    assert row.occurrence == (TODAY - 90 * DAY).isoformat()
    assert sweep() == [row]


def test_who_wrote_lately_is_not_silent(silent):
    Interaction.objects.create(
        customer=silent,
        channel="email",
        direction="inbound",
        happened_at=NOW - timedelta(days=5),
        created_at=NOW,
    )

    assert sweep() == []


def wrote(customer, at, *, is_automatic=False):
    """A mail to one of our mailboxes."""
    matter = Conversation.objects.create(
        customer=customer, opened_at=at, last_mail_at=at
    )
    Mail.objects.create(
        conversation=matter, customer=customer, direction="in", at=at, stored_at=at,
        fingerprint=f"{matter.pk:064x}", is_automatic=is_automatic,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ago", "is_automatic", "planned"),
    [(5, False, 0), (29, False, 0), (31, False, 1), (5, True, 1)],
)
def test_whoever_mailed_us_lately_is_not_silent_either(
    silent, ago, is_automatic, planned
):
    wrote(silent, NOW.replace(hour=0) - ago * DAY, is_automatic=is_automatic)

    assert len(sweep()) == planned


def test_a_mail_ends_what_is_planned(silent):
    """It was planned for tomorrow's morning, and they wrote this afternoon."""
    (row,) = sweep()
    wrote(silent, NOW + timedelta(hours=3))

    message = Message.objects.select_related("customer").get(pk=row.pk)
    reasons = kinds.get("win_back").no_longer_due([message], NOW + DAY)

    assert reasons[row.pk].code == "stopped_wrote"


def test_an_order_ends_what_is_planned(silent):
    (row,) = sweep()
    buy(silent, TODAY)

    message = Message.objects.select_related("customer").get(pk=row.pk)
    reasons = kinds.get("win_back").no_longer_due([message], NOW)
    assert reasons[row.pk].code == "already_reordered"


def test_the_last_of_three_steps_asks_and_offers_nothing(automation):
    found = list(automation.steps.order_by("position"))

    assert [step.has_offer for step in found] == [False, False, False]
    assert all({"bought", "wrote"} == set(step.stop_on) for step in found[1:])


def change(row, position, **offer):
    row.refresh_from_db()
    asked = {"has_offer": False, "gift": None} | offer
    steps.change(
        row, version=row.version, position=position, wait_days=7, stop_on=[],
        without_offer_allowed=False, now=NOW, **asked,
    )  # fmt: skip


def test_it_has_three_steps_and_never_ends_with_an_offer(automation, client):
    client.force_login(UserFactory(role="owner"))
    open_shop()
    url = f"/automations/{automation.pk}/"

    with pytest.raises(TooManySteps):
        steps.add(automation, version=automation.version, wait_days=7, now=NOW)
    assert "Add a step" not in read(client.get(url))
    for offer in ({"has_offer": True}, {"gift": make().pk}):
        with pytest.raises(LastStepOffers):
            change(automation, 3, **offer)
    change(automation, 3, gift=make("Letter", kind="letter", fulfilment="desk").pk)

    change(automation, 2, has_offer=True)
    automation.refresh_from_db()
    with pytest.raises(LastStepOffers):
        steps.move(automation, version=automation.version, position=2, to=3, now=NOW)
    with pytest.raises(LastStepOffers):
        steps.remove(automation, version=automation.version, position=3, now=NOW)
    assert [step.has_offer for step in automation.steps.all()] == [False, True, False]

    form = {"version": automation.version, "wait_days": 7, "has_offer": "on"}
    refused = client.post(f"{url}steps/3/", form)
    read(refused, "must not hold an offer", "an earlier step", status=422)
    wordings.save_wording(
        automation, position=3, language="en", fields={"text": "10% off"}, now=NOW
    )
    read(client.get(url), "Whoever did not come back until now is asked why")


D = date(2026, 1, 1)


def test_incomplete_follow_ups_are_left_out():
    one = silence([D - 100 * DAY], DEFAULT, cutoff=D, within=90)

    whole = backtest([one], cutoff=D, within=90, last_on=D + 89 * DAY)
    short = backtest([one], cutoff=D, within=90, last_on=D + 88 * DAY)

    assert (whole.is_whole, len(whole.rows)) == (True, 2)
    assert (short.is_whole, short.rows) == (False, ())


def test_the_rule_stands_beside_as_many_longest_silent_ones():
    """Weekly buyers who stopped 100 days ago never came; yearly ones who paused for
    150 days did."""
    weekly = [D - ago * DAY for ago in (128, 121, 114, 107, 100)]
    yearly = [D - ago * DAY for ago in (880, 515, 150)]
    people = [
        *[silence(weekly, DEFAULT, cutoff=D, within=90)] * 40,
        *[silence([*yearly, D + 5 * DAY], DEFAULT, cutoff=D, within=90)] * 40,
    ]

    found = backtest(people, cutoff=D, within=90, last_on=D + 90 * DAY)

    everybody = found.rows[0]
    assert (everybody.rule.people, everybody.rule.away) == (40, 40)
    assert (everybody.recency.people, everybody.recency.away) == (40, 0)
    assert everybody.all.percent == 50
    assert everybody.gain == (100, 0)
    assert said(found)[0] == (
        "everybody: the rule is better than to ask the longest silent ones"
        " (+100.0 ±0.0 points)."
    )


def test_where_the_rule_is_no_better_than_the_longest_silence_the_report_says_so():
    """Of 40 the rule alone names 10, and recency another 10: 6 and 5 stayed away."""
    weekly = [D - ago * DAY for ago in (128, 121, 114, 107, 100)]
    yearly = [D - ago * DAY for ago in (880, 515, 150)]
    back = [D + 5 * DAY]
    groups = [([D - 300 * DAY], 30), (weekly, 6), ([*weekly, *back], 4),
              (yearly, 5), ([*yearly, *back], 5)]  # fmt: skip
    people = [
        silence(days, DEFAULT, cutoff=D, within=90)
        for days, count in groups
        for _ in range(count)
    ]

    found = backtest(people, cutoff=D, within=90, last_on=D + 90 * DAY)

    gain, margin = found.rows[0].gain
    assert gain == pytest.approx(100 * (6 - 5) / 40)
    assert margin == pytest.approx(196 * sqrt(10 * (0.6 * 0.4 + 0.5 * 0.5)) / 40)
    # Of those with three orders there are too few.
    assert said(found) == [
        "everybody: the rule is no better than to ask the longest silent ones"
        " (+2.5 ±10.8 points)."
    ]


def said(found):
    """What the report says of the rule, beneath its table."""
    return [line for line in report.lines(found) if "the rule is" in line]


def test_mail_and_backtest_call_the_same_day_the_first_of_the_silence(silent):
    next_purchases.process_pending(now=NOW)
    on = Silence.objects.get(customer=silent).silent_on
    days = [TODAY - ago * DAY for ago in (150, 120, 90)]

    asked = [
        silence(days, DEFAULT, cutoff=on - before * DAY, within=90) for before in (0, 1)
    ]

    assert [one.is_silent for one in asked] == [True, False]


def test_what_comes_after_the_day_is_only_the_answer():
    before = [D - 200 * DAY, D - 100 * DAY]

    known = silence(before, DEFAULT, cutoff=D, within=90)
    later = silence([*before, D + 200 * DAY], DEFAULT, cutoff=D, within=90)

    assert known == later
