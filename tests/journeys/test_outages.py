"""What becomes of the mail of every kind when nothing ran for an hour, a day or four.

Each kind has somebody due on each day from the 21st to the 27th, at 9:00, with a life
of three days. Every day has a beat at 9:00, but for the outage, which begins on the
22nd at 8:30 and ends with a beat. The beat of the 21st plans until 21:00 of the 22nd.
Worked out by hand:

| due      | 1 hour, to 9:30 | 1 day, to the 23rd 8:30 | 4 days, to the 26th 8:30      |
| 21st     | on time         | on time                 | on time                       |
| 22nd     | 30 minutes late | 23.5 hours late         | lapsed: over on the 25th 9:00 |
| 23rd     | on time         | on time                 | 71.5 hours late               |
| 24th     | on time         | on time                 | 47.5 hours late               |
| 25th     | on time         | on time                 | 23.5 hours late               |
| 26th, 27 | on time         | on time                 | on time                       |
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from crm.models import Customer, CustomField
from crm.services import custom_fields, follow_ups, orders
from crm.services.orders import OrderLineInput
from loyalty.models import Complement, Programme, Silence
from loyalty.rules.feasts import feast_days
from loyalty.rules.name_days import Listed
from loyalty.services import name_days, next_purchases
from loyalty.services.programmes import offers
from messaging import kinds
from messaging.models import Automation, Message
from messaging.rules.choices import Category
from messaging.services import automation_rows, automations, consent, delivery, planning
from support.models import Conversation, Mail
from surveys.models import Asking, AskRequest, Survey, Turn
from tests.factories import (
    CustomerFactory,
    InvitationFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    ResponseFactory,
    UserFactory,
)
from tests.journeys.support import open_business
from tests.loyalty.programme_shop import earn, programme
from tests.loyalty.reward_shop import make

DAY = timedelta(days=1)
DAYS = range(21, 28)
BEGINS = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
ON_TIME = dict.fromkeys(DAYS, 0.0)
# The end of the outage, and by how many hours each is late; None: it lapses.
OUTAGES = {
    "an hour": (BEGINS + timedelta(hours=1), ON_TIME | {22: 0.5}),
    "a day": (BEGINS + DAY, ON_TIME | {22: 23.5}),
    "four days": (
        BEGINS + 4 * DAY,
        ON_TIME | {22: None, 23: 71.5, 24: 47.5, 25: 23.5},
    ),
}


# --- Somebody who is due on a day ----------------------------------------------------


def had_anniversary(day, automation):
    return CustomerFactory(since_on=day.replace(year=2020), mail_ground="Bought")


def needs_coffee(day, automation):
    customer = CustomerFactory()
    for ago in (90, 60, 30):
        on = day - ago * DAY
        orders.record_order(
            now=BEGINS,
            customer=customer,
            order_id=f"{customer.pk}/{on}",
            ordered_at=datetime(on.year, on.month, on.day, 10, tzinfo=UTC),
            lines=[OrderLineInput("BEANS", Decimal(1), Decimal(24), product="BEANS")],
        )
    # Asked on the day of the last order, as a shop's minute tick does.
    last = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - 30 * DAY
    next_purchases.drain(now=last)
    return customer


def got_an_order(day, after):
    order = OrderFactory(
        ordered_at=datetime(day.year, day.month, day.day, tzinfo=UTC) - 40 * DAY,
        delivered_on=day - after * DAY,
        state="delivered",
    )
    return OrderLineFactory(order=order, product=ProductFactory()).customer


def reviewed_after(day, automation):
    return got_an_order(day, automation.offset_days)


def asked_after_delivery(day, automation):
    after = Asking.objects.get(automation=automation).after_days
    return got_an_order(day, after + automation.offset_days)


def has_turn(day, automation):
    customer = CustomerFactory(mail_ground="Bought")
    asking = Asking.objects.get(automation=automation)
    Turn.objects.create(asking=asking, customer=customer, next_on=day)
    return customer


def has_not_answered(day, automation):
    survey = Survey.objects.get(askings__automation__kind="survey_after_delivery")
    Survey.objects.filter(pk=survey.pk).update(remind_after_days=4)
    asked = datetime(day.year, day.month, day.day, 9, tzinfo=UTC) - 4 * DAY
    invitation = InvitationFactory(survey=survey, invited_at=asked)
    return invitation.customer


def was_answered(day, automation):
    closed = day - 4 * DAY
    Asking.objects.filter(automation=automation).update(after_days=4)
    at = datetime(closed.year, closed.month, closed.day, 9, tzinfo=UTC)
    customer = CustomerFactory(mail_ground="Bought")
    matter = Conversation.objects.create(
        customer=customer, state="closed", opened_at=at, last_mail_at=at,
        closed_at=at, closed_by=UserFactory(),
    )  # fmt: skip
    Mail.objects.create(
        conversation=matter, customer=customer, direction="in", at=at, stored_at=at,
        fingerprint=f"{matter.pk:064x}",
    )  # fmt: skip
    return customer


def was_helped(day, automation):
    """Whose follow-up was closed 30 days before."""
    closed = day - 30 * DAY
    at = datetime(closed.year, closed.month, closed.day, 9, tzinfo=UTC)
    survey = Survey.objects.get(askings__automation__kind="survey_after_delivery")
    response = ResponseFactory(survey=survey, score=2, first_at=at - DAY)
    follow_ups.open_follow_up(
        customer=response.customer,
        why="Scored 2",
        due_on=at.date(),
        source_key=f"response:{response.pk}",
        now=at - DAY,
    )
    response.customer.follow_ups.update(state="done", done_at=at)
    return response.customer


def was_asked_for(day, automation):
    """In time for the hour of that day."""
    customer = CustomerFactory(mail_ground="Bought")
    AskRequest.objects.create(
        survey=Survey.objects.get(askings__automation=automation),
        customer=customer,
        key="repair",
        requested_at=datetime(day.year, day.month, day.day, 8, tzinfo=UTC),
    )
    return customer


def reached_five_years(day, automation):
    return CustomerFactory(since_on=day.replace(year=2021), mail_ground="Bought")


def ordered_first(day, automation):
    first_on = day.replace(year=2020)
    return CustomerFactory(since_on=first_on - 9 * DAY, first_order_on=first_on)


def has_birthday(day, automation):
    customer = CustomerFactory(
        birth_month=day.month, birth_day=day.day, birth_recorded_at=BEGINS - 90 * DAY
    )
    consent.grant(
        customer,
        categories=[Category.BIRTHDAY],
        how="preference_page",
        now=BEGINS - 90 * DAY,
    )
    return customer


def became_a_customer(day, automation):
    since_on = day - automation.offset_days * DAY
    return CustomerFactory(since_on=since_on, mail_ground="Bought")


def has_been_silent(day, automation):
    customer = CustomerFactory(mail_ground="Bought")
    on = day - 90 * DAY
    Silence.objects.create(
        customer=customer, last_on=on, usual_gap=30, silent_on=on + 90 * DAY
    )
    Customer.objects.filter(pk=customer.pk).update(last_order_on=on)
    consent.grant(
        customer,
        categories=[Category.MARKETING],
        how="preference_page",
        now=BEGINS - 90 * DAY,
    )
    return customer


def got_coffee(day, automation, **other):
    """Arrived so long ago that the suggestion is due on that day."""
    coffee = ProductFactory(category="Coffee")
    more = ProductFactory(**other)
    customer = CustomerFactory(mail_ground="Bought")
    on = day - automation.offset_days * DAY
    order = OrderFactory(customer=customer, ordered_on=on, delivered_on=on)
    OrderLineFactory(order=order, product=coffee)
    consent.grant(
        customer,
        categories=[Category.MARKETING],
        how="preference_page",
        now=BEGINS - 90 * DAY,
    )
    return customer, coffee, more


def got_something_to_go_with(day, automation):
    customer, coffee, filters = got_coffee(day, automation)
    Complement.objects.create(product=coffee, goes_with=filters, pick="chosen")
    return customer


def got_one_of_the_kind(day, automation):
    facts = {"category": "Coffee", "price": Decimal(20), "currency": "EUR"}
    customer, _coffee, _other = got_coffee(day, automation, **facts)
    return customer


def has_points(day, automation, **values):
    """A member of a programme with a reward, and what they got beforehand."""
    customer = CustomerFactory(mail_ground="Bought")
    made = Programme.objects.first() or programme()
    if not made.offers.exists():
        reward = make("Free coffee", kind="product", fulfilment="desk")
        offers.offer(made, reward, price=Decimal(5), now=BEGINS - 20 * DAY)
    earn(customer, made, 10, BEGINS - 20 * DAY, **values)
    return customer


def has_points_that_run_out(day, automation):
    return has_points(day, automation, expires=day - automation.offset_days * DAY)


def has_enough_on_that_day(day, automation):
    return has_points(day, automation, available=day)


def has_name_day(day, automation):
    """A calendar of their own, in which they are the only ones of that day."""
    name = f"Name{day.day:02}"
    name_days.add(
        [Listed(name, day.month, day.day)],
        name=name, country="LV", language="lv", source="A book", licence="CC0",
        is_orthodox=False, now=BEGINS,
    )  # fmt: skip
    return CustomerFactory(given_name=name, country="LV", mail_ground="Bought")


def has_a_day_in_a_field(day, automation):
    field = CustomField.objects.first() or custom_fields.create(
        label="Moved in", kind="date", by=UserFactory(role="owner"), now=BEGINS
    )
    params = {"field": str(field.pk), "repeats": "yearly"}
    Automation.objects.filter(pk=automation.pk).update(params=params)
    moved = day.replace(year=2020).isoformat()
    return CustomerFactory(custom={field.key: moved}, mail_ground="Bought")


DUE = {
    "name_day": has_name_day,
    "custom_date": has_a_day_in_a_field,
    "balance_expiring": has_points_that_run_out,
    "reward_ready": has_enough_on_that_day,
    "anniversary": had_anniversary,
    "welcome": became_a_customer,
    "one_year_later": became_a_customer,
    "milestone": reached_five_years,
    "first_order": ordered_first,
    "birthday": has_birthday,
    "reorder": needs_coffee,
    "win_back": has_been_silent,
    "goes_with": got_something_to_go_with,
    "same_kind": got_one_of_the_kind,
    "review_request": reviewed_after,
    "survey_after_delivery": asked_after_delivery,
    "survey_regularly": has_turn,
    "survey_reminder": has_not_answered,
    "survey_after_conversation": was_answered,
    "survey_on_request": was_asked_for,
    "survey_again": was_helped,
}
# Kinds that nobody is due for by a day of their own, and why.
LEFT_OUT = {
    "balance_earned": "members are due on a Monday, for all of a week",
    "balance_statement": "everybody is due on the first of a month",
    "survey_campaign": "everybody is due on one day, which somebody chose",
    "campaign": "everybody is due on one day, which somebody chose",
    "survey_on_date": "everybody is due on one day of the year",
}


SWEPT = [kind.name for kind in kinds.swept_kinds()]
FEASTS = [name for name in SWEPT if hasattr(kinds.get(name), "feast")]


def test_every_kind_is_in_the_table_or_says_why_not():
    assert [name for name in SWEPT if name not in {*DUE, *FEASTS, *LEFT_OUT}] == []


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in DUE if name in SWEPT])
def test_an_outage_is_caught_up_as_worked_out_by_hand(name):
    open_business()
    for ends, expected in OUTAGES.values():
        with transaction.atomic():
            assert after_an_outage(name, until=ends) == expected
            transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.django_db
@pytest.mark.parametrize("name", FEASTS)
def test_an_outage_over_the_one_day_of_a_feast(name):
    """It begins on the day at 8:30, and is the same: caught up within the life."""
    open_business()
    [day] = feast_days(kinds.get(name).feast, date(2026, 12, 1), date(2027, 11, 30))
    due_at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    for hours, late in ((1, 0.5), (24, 23.5), (96, None)):
        with transaction.atomic():
            automation = switched_on(name)
            CustomerFactory(mail_ground="Bought")
            ends = due_at + timedelta(hours=hours - 0.5)
            for now in (due_at - DAY, ends, due_at + 5 * DAY):
                planning.sweep(now=now, kinds=[name])
                delivery.deliver(now=now)
            [row] = Message.objects.filter(automation=automation)
            assert lateness(row) == late
            transaction.set_rollback(True)


def after_an_outage(name, *, until):
    """Day of the month to hours too late; None: it lapsed."""
    automation = switched_on(name)
    who = {DUE[name](date(2026, 11, number), automation).pk: number for number in DAYS}
    for now in beats(until):
        planning.sweep(now=now, kinds=[name])
        delivery.deliver(now=now)
    rows = Message.objects.filter(automation=automation, step=1, customer__in=who)
    assert sorted(row.customer_id for row in rows) == sorted(who)
    return {who[row.customer_id]: lateness(row) for row in rows}


def switched_on(name):
    automation = Automation.objects.filter(kind=name).first()
    automation = automation or automation_rows.create(kinds.get(name), now=BEGINS)
    Automation.objects.filter(pk=automation.pk).update(
        send_hour=9, life_days=3, rests=False
    )
    return automations.switch_on(automation, now=BEGINS - 10 * DAY)


def beats(until):
    usual = [datetime(2026, 11, day, 9, tzinfo=UTC) for day in DAYS]
    return sorted([until, *(at for at in usual if not BEGINS < at < until)])


def lateness(row):
    if row.state == "expired":
        assert row.reason_code == "too_late"
        return None
    assert row.state == "sent", (row.state, row.reason_code, row.reason_data)
    due_at = datetime(row.due_on.year, row.due_on.month, row.due_on.day, 9, tzinfo=UTC)
    return (row.final_at - due_at) / timedelta(hours=1)
