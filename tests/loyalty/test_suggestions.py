"""Suggestions after an order: whom, of what, when not, and what a customer says."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from crm.models import Order, OrderLine, Product
from loyalty.models import Complement, ProductRhythm, SuggestionRefusal
from loyalty.services import suggestions
from messaging import kinds
from messaging.kinds import LinkTo
from messaging.models import Body, Message
from messaging.rules.choices import Category, Purpose
from messaging.services import (
    automation_rows,
    automations,
    consent,
    delivery,
    links,
    planning,
)
from tests.factories import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
)
from tests.journeys.reading import shown
from tests.journeys.support import open_business

DAY = timedelta(days=1)
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
TODAY = NOW.date()
PRICED = {"price": Decimal(24), "currency": "EUR"}
AFTER = {"goes_with": 7, "same_kind": 30}


@pytest.fixture(autouse=True)
def at_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture(params=list(AFTER))
def kind(request, db):
    open_business()
    row = automation_rows.create(kinds.get(request.param), now=NOW - DAY)
    automations.switch_on(row, now=NOW - DAY)
    return request.param


@pytest.fixture
def coffee(db):
    return ProductFactory(name="Coffee", category="Hot", **PRICED)


@pytest.fixture
def cocoa(coffee):
    """Goes with coffee, and is of the same kind."""
    other = ProductFactory(
        name="Cocoa", category="Hot", link="https://shop.example/cocoa", **PRICED
    )
    Complement.objects.create(product=coffee, goes_with=other, pick="chosen")
    return other


def got(product, days, customer=None, **order):
    """Somebody who had it delivered so many days ago, and wants to hear from us."""
    customer = customer or reader()
    on = TODAY - days * DAY
    made = OrderFactory(customer=customer, ordered_on=on, **order)
    OrderLineFactory(order=made, product=product)
    return customer


def reader():
    customer = CustomerFactory(mail_ground="Bought")
    consent.grant(
        customer,
        categories=[Category.MARKETING],
        how="preference_page",
        now=NOW - 90 * DAY,
    )
    return customer


def sweep(now=NOW):
    planning.sweep(now=now, kinds=list(AFTER))
    return list(Message.objects.filter(kind__in=AFTER).order_by("pk"))


def listed(message):
    names = {one.pk: one.name for one in Product.objects.all()}
    return [names[entry["id"]] for entry in message.why["products"]]


def over(message):
    found = kinds.get(message.kind).no_longer_due([message], NOW)
    return {pk: reason.code for pk, reason in found.items()}


@pytest.fixture
def planned(kind, coffee, cocoa):
    customer = got(coffee, AFTER[kind])
    (message,) = sweep()
    assert message.customer == customer
    return message


def test_after_some_days_it_is_suggested_once(planned, kind):
    assert (planned.kind, planned.due_on, planned.category) == (
        kind,
        TODAY,
        "marketing",
    )
    assert listed(planned) == ["Cocoa"]
    assert sweep() == [planned]


def test_days_count_from_the_delivery_where_one_is_known(kind, coffee, cocoa):
    got(coffee, AFTER[kind] + 5, delivered_on=TODAY - AFTER[kind] * DAY)
    got(coffee, AFTER[kind], delivered_on=TODAY - (AFTER[kind] - 2) * DAY)

    (message,) = sweep()

    assert message.due_on == TODAY


@pytest.mark.parametrize(
    "facts",
    [
        {"is_available": False},
        {"nature": "postage"},
        {"season_months": [12]},
    ],
)
def test_what_is_not_to_be_had_is_not_suggested(kind, coffee, cocoa, facts):
    Product.objects.filter(pk=cocoa.pk).update(**facts)
    got(coffee, AFTER[kind])

    assert sweep() == []


def test_in_its_season_it_is(kind, coffee, cocoa):
    Product.objects.filter(pk=cocoa.pk).update(season_months=[6])
    got(coffee, AFTER[kind])

    assert len(sweep()) == 1


def test_nobody_is_offered_what_they_have_or_gave_back(kind, coffee, cocoa):
    has = got(coffee, AFTER[kind])
    got(cocoa, 400, has)
    gave_back = got(coffee, AFTER[kind])
    OrderLineFactory(
        order=OrderFactory(customer=gave_back, ordered_on=TODAY - 40 * DAY),
        product=cocoa,
        nature="return",
        quantity=-1,
    )

    assert sweep() == []


def test_what_was_sent_back_has_nothing_that_goes_with_it(kind, coffee, cocoa):
    customer = got(coffee, AFTER[kind])
    OrderLineFactory(
        order=OrderFactory(customer=customer, ordered_on=TODAY - DAY, nature="return"),
        product=coffee,
        nature="return",
        quantity=-1,
    )

    assert sweep() == []


def test_a_cancelled_order_suggests_nothing(kind, coffee, cocoa):
    got(coffee, AFTER[kind], state="cancelled")

    assert sweep() == []


@pytest.mark.parametrize("is_all", [True, False])
def test_who_said_no_gets_none(kind, coffee, cocoa, is_all):
    customer = got(coffee, AFTER[kind])
    SuggestionRefusal.objects.create(
        customer=customer, product=None if is_all else cocoa, made_at=NOW
    )

    assert sweep() == []


def test_hidden_is_never_suggested_and_chosen_comes_first(coffee, cocoa, db):
    open_business()
    row = automation_rows.create(kinds.get("goes_with"), now=NOW - DAY)
    automations.switch_on(row, now=NOW - DAY)
    for name, pick, low in (
        ("Filters", "found", 3.0),
        ("Mug", "found", 9.0),
        ("Grinder", "hidden", 99.0),
        ("Scale", "found", 2.0),
    ):
        Complement.objects.create(
            product=coffee, goes_with=ProductFactory(name=name), pick=pick,
            customers=30, lift=low + 1, lift_low=low, counted_on=TODAY,
        )  # fmt: skip
    got(coffee, 7)

    (message,) = sweep()

    assert listed(message) == ["Cocoa", "Mug", "Filters"]


@pytest.mark.parametrize(
    ("price", "currency", "is_offered"),
    [(12, "EUR", True), (36, "EUR", True), (11, "EUR", False), (37, "EUR", False),
     (24, "USD", False)],
)  # fmt: skip
def test_the_same_kind_costs_what_they_pay(coffee, price, currency, is_offered):
    """They paid 24: from 12 to 36."""
    open_business()
    row = automation_rows.create(kinds.get("same_kind"), now=NOW - DAY)
    automations.switch_on(row, now=NOW - DAY)
    ProductFactory(name="Tea", category="Hot", price=price, currency=currency)
    ProductFactory(name="Elsewhere", category="Cold", **PRICED)
    got(coffee, 30)

    assert len(sweep()) == is_offered


def test_of_all_the_same_kinds_the_three_that_most_have_bought_come_first(coffee):
    open_business()
    row = automation_rows.create(kinds.get("same_kind"), now=NOW - DAY)
    automations.switch_on(row, now=NOW - DAY)
    juice = ProductFactory(category="Cold", **PRICED)
    OrderLineFactory(order=got(coffee, 30).orders.get(), product=juice)
    for name, category, buyers, more in (
        ("Chai", "Hot", 1, {}), ("Mate", "Hot", 2, {}), ("Cocoa", "Hot", 5, {}),
        ("Tea", "Hot", 9, {}),
        ("Water", "Cold", 7, {}), ("Cola", "Cold", 0, {}),
        ("Dear", "Hot", 98, {"price": 99}), ("Had", "Warm", 97, {}),
        ("Sahlab", "Hot", 99, {"season_months": [1]}),
    ):  # fmt: skip
        made = ProductFactory(name=name, category=category, **PRICED | more)
        ProductRhythm.objects.create(
            product=made, buyers=buyers, again=0, intervals=0, total=0
        )

    (message,) = sweep()

    assert listed(message) == ["Tea", "Water", "Cocoa"]
    bought = [entry["with"] for entry in message.why["products"]]
    assert bought == [coffee.pk, juice.pk, coffee.pk]


def test_nobody_gets_two_in_a_month(planned, coffee, kind):
    with_mails = Message.objects.filter(pk=planned.pk)
    delivery.deliver(now=NOW + DAY)
    assert with_mails.get().state == "sent"
    day = AFTER[kind]
    got(coffee, day - 20, planned.customer)

    sweep(NOW + 20 * DAY)
    assert Message.objects.filter(kind=kind).count() == 1

    got(coffee, day - 35, planned.customer)
    sweep(NOW + 35 * DAY)
    assert Message.objects.filter(kind=kind).count() == 2


def test_bought_meanwhile_it_is_over_at_once(planned, cocoa):
    customer = planned.customer
    got(cocoa, 0, customer)

    assert over(planned) == {planned.pk: "nothing_to_suggest"}
    assert suggestions.cancel_over([customer.pk], now=NOW) == 1
    planned.refresh_from_db()
    assert planned.state == "cancelled"


def test_cancelled_or_sent_back_meanwhile_it_is_over(planned):
    assert over(planned) == {}
    Order.objects.update(state="cancelled")
    assert over(planned) == {planned.pk: "nothing_to_suggest"}
    Order.objects.update(state="placed")
    OrderLine.objects.update(nature="return", quantity=-1)
    assert over(planned) == {planned.pk: "nothing_to_suggest"}


def test_the_mail_names_it_says_why_and_leads_there(planned, kind):
    delivery.deliver(now=NOW + DAY)

    body = Body.objects.get(message=planned)
    why = {
        "goes_with": "We would choose it to go with Coffee.",
        "same_kind": "Of the same kind as Coffee, which you bought.",
    }[kind]
    for words in ("Cocoa", why, "https://shop.example/cocoa", "€24.00"):
        assert words in body.text
        assert words.replace("€24.00", "24.00") in body.html
    assert re.search(r"/b/[\w-]+/", body.text)


# --- The page behind its link --------------------------------------------------------


def url_to(message):
    link = LinkTo(Purpose.REORDER, message.pk, "/b/{token}/", NOW + 90 * DAY)
    token = links.make(link, customer_id=message.customer_id, message_id=message.pk)
    return f"/b/{token}/"


def press(url, action, **more):
    answer = Client().post(url, {"action": action, **more})
    assert answer.status_code == 302
    return Client().get(answer["Location"])


def test_looking_changes_nothing(planned):
    words = shown(Client().get(url_to(planned)))

    assert "Cocoa" in words
    assert not SuggestionRefusal.objects.exists()


def test_not_this_product_ends_the_mail_and_can_be_undone(planned, cocoa):
    url = url_to(planned)

    page = press(url, "refuse", product=cocoa.pk)

    assert "We do not suggest this to you any more" in shown(page)
    assert SuggestionRefusal.objects.get().product == cocoa
    planned.refresh_from_db()
    assert (planned.state, planned.reason_code) == ("cancelled", "reminder_refused")
    press(url, "refuse", product=cocoa.pk)
    press(url, "allow", product=cocoa.pk)
    assert not SuggestionRefusal.objects.exists()


def test_no_suggestions_at_all_and_back(planned):
    url = url_to(planned)

    assert "You get no more suggestions" in shown(press(url, "refuse-all"))
    assert SuggestionRefusal.objects.get().product is None
    assert "Our suggestions" in shown(press(url, "allow-all"))


def test_what_the_mail_did_not_list_and_odd_buttons_change_nothing(planned, coffee):
    url = url_to(planned)

    assert Client().post(url, {"action": "refuse", "product": coffee.pk}).status_code
    assert Client().post(url, {"action": "refuse"}).status_code == 422
    assert Client().post(url, {"action": "later", "product": "1"}).status_code == 422
    assert not SuggestionRefusal.objects.exists()
