"""Somebody who is due for a mail of each kind, on a day that is asked for."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from crm.models import Customer, CustomField
from crm.services import custom_fields, follow_ups, orders
from crm.services.orders import OrderLineInput
from loyalty.models import Complement, Programme, Silence
from loyalty.rules.name_days import Listed
from loyalty.services import name_days, next_purchases
from loyalty.services.programmes import offers
from messaging.models import Automation
from messaging.rules.choices import Category
from messaging.services import consent
from support.models import Conversation, Mail
from surveys.models import Asking, AskRequest, ScheduledAsk, Survey
from tests.factories import (
    CustomerFactory,
    InvitationFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    ResponseFactory,
    UserFactory,
)
from tests.loyalty.programme_shop import earn, programme
from tests.loyalty.reward_shop import make

DAY = timedelta(days=1)
BEGINS = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


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
    next_purchases.process_pending(now=last)
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
    ScheduledAsk.objects.create(asking=asking, customer=customer, next_on=day)
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
        customer_id=response.customer.pk,
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
