"""Reorder reminders through the pipeline: who, once, until they buy, and the words."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from crm.models import Business, Order, Product, ProductRule
from crm.services import orders
from crm.services.orders import OrderLineInput
from loyalty.models import (
    NextPurchase,
    ReminderItem,
    ReorderRefusal,
    StaleCustomer,
)
from loyalty.selectors import reorders as selectors
from loyalty.services import next_purchases
from messaging import kinds
from messaging.models import Automation, Link, Message
from messaging.rendering import MailUrls, render
from messaging.selectors.forecasts import coming as forecast
from messaging.services import automations, delivery, planning
from tests.factories import CustomerFactory

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DUE = date(2026, 6, 1)


@pytest.fixture
def automation(db):
    automations.ensure_automations()
    row = Automation.objects.get(kind="reorder")
    return automations.switch_on(row, now=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def customer(db):
    return CustomerFactory()


def buy(customer, on, sku="BEANS", *, order_id=None, quantity=1, price=24, status=""):
    order, _ = orders.record_order(
        now=datetime(2026, 12, 31, tzinfo=UTC),
        customer=customer,
        order_id=order_id or f"{customer.pk}/{on}/{sku}",
        ordered_at=datetime(on.year, on.month, on.day, 10, tzinfo=UTC),
        lines=[OrderLineInput(sku, Decimal(quantity), Decimal(price), product=sku)],
        status=status,
    )
    return order


def buys_every(customer, days, sku="BEANS", *, due_on=DUE, times=3):
    """So that the next purchase is expected on due_on."""
    for ago in range(times, 0, -1):
        buy(customer, due_on - ago * days * DAY, sku)
    # Asked on the day of the last order, as a shop's minute tick does.
    last = datetime.combine(due_on - days * DAY, NOW.time(), UTC)
    next_purchases.process_pending(now=last)


def sweep(now=NOW):
    return planning.sweep(now=now, kinds=["reorder"])["reorder"]


def rows():
    return list(Message.objects.order_by("id"))


def listed(message):
    return [entry["id"] for entry in message.why["products"]]


def product(sku):
    return Product.objects.get(sku=sku)


def kind():
    return kinds.get("reorder")


def send(now):
    """As if the mails that may go had gone."""
    Message.objects.filter(state="planned", not_before__lte=now).update(
        state="sent", final_at=now, counted_at=now
    )


# --- Who is due ----------------------------------------------------------------------


def test_the_day_of_the_next_purchase_is_planned(automation, customer):
    buys_every(customer, 31)

    sweep()

    (row,) = rows()
    pk = product("BEANS").pk
    assert (row.customer, row.due_on) == (customer, DUE)
    assert (row.category, row.occurrence) == ("loyalty", f"2026-06-01:{pk}")
    assert row.not_before == datetime(2026, 6, 1, 9, tzinfo=UTC)
    assert row.why == {
        "products": [
            {"id": pk, "last": "2026-05-01", "due": "2026-06-01", "days": 31, "n": 2}
        ]
    }
    (item,) = ReminderItem.objects.all()
    assert (item.message, item.last_on, item.due_on) == (row, date(2026, 5, 1), DUE)


@pytest.mark.slow
def test_a_shop_that_brings_old_orders_reminds_each_customer_once_on_their_day(
    automation,
):
    people = [CustomerFactory() for _ in range(40)]
    for place, customer in enumerate(people):
        for ago in range(6, 0, -1):
            # Not all alike: a shop where nobody is ever late learns that whoever is a
            # day late has stopped.
            about = (place * 7 + ago * 5) % 13
            buy(customer, DUE - (ago * 31 + about) * DAY)

    for ahead in range(0, 7 + 28):
        sweep(NOW + ahead * DAY)
        send(NOW + ahead * DAY)

    days = Counter(row.due_on for row in rows())
    times = Counter(row.customer_id for row in rows())
    assert set(times.values()) == {1}
    assert len(times) >= 10
    assert min(days) >= NOW.date()
    assert max(days.values()) <= 5


def test_two_sweeps_plan_one_mail(automation, customer):
    buys_every(customer, 31)

    assert [sweep()["planned"], sweep(NOW + DAY / 24)["planned"]] == [1, 0]


def test_several_products_that_are_due_make_one_mail(automation, customer):
    for sku in ("BEANS", "FILTER", "TEA"):
        buys_every(customer, 31, sku)
    buys_every(customer, 31, "LATER", due_on=DUE + 9 * DAY)

    sweep()

    (row,) = rows()
    skus = ("BEANS", "FILTER", "TEA")
    assert sorted(listed(row)) == sorted(product(sku).pk for sku in skus)
    assert ReminderItem.objects.filter(message=row).count() == 3


def test_two_customers_get_a_mail_each(automation):
    for _ in range(2):
        buys_every(CustomerFactory(), 31)

    assert sweep()["planned"] == 2


@pytest.mark.parametrize(
    "line",
    [
        {"price": 0},
        {"quantity": -1},
        {"sku": "POST"},
        {"status": "cancelled"},
    ],
)
def test_what_is_no_purchase_makes_no_rhythm(automation, customer, line):
    ProductRule.objects.create(source="main", pattern="POST", nature="postage")
    for ago in (93, 62, 31):
        buy(customer, DUE - ago * DAY, **line)

    assert sweep()["planned"] == 0


def test_a_return_does_not_count_as_buying_again(automation, customer):
    buys_every(customer, 31)
    sweep()

    buy(customer, DUE - DAY, quantity=-1)

    assert [row.state for row in rows()] == ["planned"]


def test_who_is_gone_is_not_reminded(automation, customer):
    buys_every(customer, 31)
    customer.erased_at = NOW
    customer.save()

    assert sweep()["planned"] == 0


@pytest.mark.parametrize("which", ["the product", "all"])
def test_who_refused_is_not_reminded(automation, customer, which):
    buys_every(customer, 31)
    refused = product("BEANS") if which == "the product" else None
    ReorderRefusal.objects.create(customer=customer, product=refused, made_at=NOW)

    assert sweep()["planned"] == 0


def test_refusing_one_product_leaves_the_others(automation, customer):
    for sku in ("BEANS", "TEA"):
        buys_every(customer, 31, sku)
    ReorderRefusal.objects.create(
        customer=customer, product=product("TEA"), made_at=NOW
    )

    sweep()

    assert listed(rows()[0]) == [product("BEANS").pk]


def test_switching_on_does_not_remind_of_what_is_behind_us(automation, customer):
    buys_every(customer, 31)
    automations.switch_off(automation, now=NOW)
    late = datetime(2026, 6, 1, 9, 1, tzinfo=UTC)
    automations.switch_on(automation, now=late)

    for step in range(9):
        assert sweep(late + step * DAY)["planned"] == 0


def test_what_was_due_before_switching_on_is_not_listed_with_the_rest(
    automation, customer
):
    automations.switch_off(automation, now=NOW)
    buys_every(customer, 31, "BEFORE")
    buys_every(customer, 31, "AFTER", due_on=DUE + DAY)
    late = datetime(2026, 6, 1, 9, 1, tzinfo=UTC)
    automations.switch_on(automation, now=late)

    sweep(late)

    (row,) = rows()
    assert (row.due_on, listed(row)) == (DUE + DAY, [product("AFTER").pk])


def test_an_offset_reminds_some_days_before(automation, customer):
    Automation.objects.filter(pk=automation.pk).update(offset_days=-3)
    buys_every(customer, 31, due_on=DUE + 3 * DAY)

    sweep()

    assert [row.due_on for row in rows()] == [DUE]


def test_the_forecast_counts_people(automation, customer):
    for sku in ("BEANS", "TEA"):
        buys_every(customer, 31, sku)

    before = list(NextPurchase.objects.values())

    found = forecast(automation, now=NOW)

    assert (found.total, dict(found.days)[DUE]) == (1, 1)
    assert list(NextPurchase.objects.values()) == before


def test_trying_out_changes_nothing(automation, customer):
    buys_every(customer, 31)
    buy(CustomerFactory(), DUE, "TEA")
    before = list(NextPurchase.objects.values())

    counts = planning.sweep(now=NOW, kinds=["reorder"], dry_run=True)

    assert counts["reorder"]["planned"] == 1
    assert list(NextPurchase.objects.values()) == before
    assert StaleCustomer.objects.exists()
    assert not ReminderItem.objects.exists()


# --- Until they buy ------------------------------------------------------------------


def test_buying_again_before_the_mail_cancels_it_at_once(automation, customer):
    buys_every(customer, 31)
    sweep()

    buy(customer, DUE - DAY)

    (row,) = rows()
    assert (row.state, row.reason_code) == ("cancelled", "already_reordered")


def test_who_orders_other_things_is_reminded_on_the_later_day(automation, customer):
    buys_every(customer, 31)
    sweep()

    buy(customer, DUE - DAY, "TEA")
    next_purchases.process_pending(now=NOW)

    (reason,) = kind().no_longer_due(rows(), NOW).values()
    assert reason.code == "superseded_date_changed"


def test_the_claim_asks_the_orders_themselves(automation, customer):
    buys_every(customer, 31)
    sweep()
    Order.objects.filter(customer=customer).first().lines.update(ordered_on=DUE - DAY)

    assert kind().no_longer_due(rows(), NOW)[rows()[0].pk].code == "already_reordered"


def test_what_was_bought_again_is_not_listed_and_the_rest_is(automation, customer):
    for sku in ("BEANS", "TEA"):
        buys_every(customer, 31, sku)
    sweep()

    buy(customer, DUE - DAY, "TEA")

    (row,) = rows()
    assert row.state == "planned"
    context = kind().prepare([row], NOW)[row.pk]
    assert [item["product"] for item in context.values["items"]] == ["BEANS"]


def test_the_next_purchase_is_reminded_of_anew(automation, customer):
    buys_every(customer, 31)
    sweep()
    send(NOW + DAY)
    buy(customer, DUE)

    for step in range(35):
        sweep(NOW + step * DAY)

    assert [row.due_on for row in rows()] == [DUE, DUE + 31 * DAY]


def test_the_same_purchase_is_never_reminded_of_twice(automation, customer):
    buys_every(customer, 31)
    sweep()
    send(NOW + DAY)

    for step in range(60):
        assert sweep(NOW + step * DAY)["planned"] == 0


def test_a_purchase_that_is_cancelled_takes_its_reminder_along(automation, customer):
    buys_every(customer, 31, times=4)
    sweep()

    buy(customer, date(2026, 5, 1), status="cancelled")

    (row,) = rows()
    assert (row.state, row.reason_code) == ("superseded", "superseded_date_changed")
    assert not ReminderItem.objects.exists()


def test_a_late_import_makes_no_second_mail_on_the_same_day(automation, customer):
    buys_every(customer, 31)
    sweep()
    at_nine = datetime(2026, 6, 1, 9, tzinfo=UTC)
    send(at_nine)

    buys_every(customer, 31, "TEA")

    assert [sweep(at_nine + hour * DAY / 24)["planned"] for hour in range(24)] == (
        [0] * 24
    )
    assert sweep(at_nine + 25 * DAY / 24)["planned"] == 1


def test_while_one_waits_no_second_is_planned(automation, customer):
    buys_every(customer, 31)
    sweep()
    buys_every(customer, 31, "TEA")

    assert sweep()["planned"] == 0


def test_a_product_that_is_none_any_more_is_not_reminded_of(automation, customer):
    buys_every(customer, 31)
    sweep()
    Product.objects.update(nature="postage")

    (reason,) = kind().no_longer_due(rows(), NOW).values()
    assert reason.code == "product_gone"


def test_refusing_ends_what_is_planned(automation, customer):
    buys_every(customer, 31)
    sweep()
    ReorderRefusal.objects.create(customer=customer, product=None, made_at=NOW)

    (reason,) = kind().no_longer_due(rows(), NOW).values()
    assert reason.code == "reminder_refused"


# --- Put off, and freed --------------------------------------------------------------


def put_off(days):
    ReminderItem.objects.update(again_on=DUE + days * DAY)


def test_what_was_put_off_comes_once_more_on_its_day(automation, customer):
    buys_every(customer, 31)
    sweep()
    send(NOW + DAY)
    put_off(10)

    planned = [sweep(NOW + step * DAY)["planned"] for step in range(20)]

    assert sum(planned) == 1
    first, again = rows()
    assert again.due_on == DUE + 10 * DAY
    assert again.why["products"][0]["again"] is True
    (item,) = ReminderItem.objects.all()
    assert (item.message, item.again_on) == (again, None)
    assert selectors.items([first], today=DUE)[first.pk] == []


def test_what_was_put_off_and_bought_since_does_not_come(automation, customer):
    buys_every(customer, 31)
    sweep()
    send(NOW + DAY)
    put_off(10)
    buy(customer, DUE + DAY)

    assert sum(sweep(NOW + step * DAY)["planned"] for step in range(20)) == 0


def test_switching_off_and_on_plans_the_same_reminder_anew(automation, customer):
    buys_every(customer, 31)
    sweep()

    automations.switch_off(automation, now=NOW)
    automations.switch_on(automation, now=NOW)
    sweep()

    assert [row.state for row in rows()] == ["superseded", "planned"]
    assert [item.message for item in ReminderItem.objects.all()] == rows()[1:]


def test_what_was_put_off_stays_put_off_when_its_mail_is_replaced(automation, customer):
    buys_every(customer, 31)
    sweep()
    send(NOW + DAY)
    put_off(10)
    at = NOW + 10 * DAY
    sweep(at)

    automations.switch_off(automation, now=at)
    automations.switch_on(automation, now=at)
    sweep(at)

    assert [row.state for row in rows()] == ["sent", "superseded", "planned"]
    assert rows()[2].due_on == DUE + 10 * DAY


def test_a_persons_cancel_keeps_it(automation, customer):
    buys_every(customer, 31)
    sweep()
    Message.objects.update(state="cancelled", final_at=NOW)

    assert sum(sweep(NOW + step * DAY)["planned"] for step in range(9)) == 0


# --- Its words -----------------------------------------------------------------------


def test_the_mail_lists_each_product_with_its_reason(automation, customer):
    for sku in ("BEANS", "TEA"):
        buys_every(customer, 31, sku)
    sweep()
    (row,) = rows()
    context = kind().prepare([row], NOW)[row.pk]

    urls = MailUrls(links={"choices": "https://x/b/t/"}, stop="", preferences="")
    mail = render(row, kind(), context, urls=urls, business=Business.objects.get())

    assert mail.subject == "Time for BEANS and 1 more?"
    assert "- You buy TEA about every 31 days, last on 1 May 2026." in mail.text
    assert "You buy <bdi>TEA</bdi> about every 31 days" in mail.html
    assert "https://x/b/t/" in mail.html


def test_what_was_put_off_reports_it(automation, customer):
    buys_every(customer, 31)
    sweep()
    send(NOW + DAY)
    put_off(10)
    sweep(NOW + 10 * DAY)
    row = rows()[1]

    urls = MailUrls(links={"choices": "https://x/b/t/"}, stop="", preferences="")
    context = kind().prepare([row], NOW)[row.pk]
    mail = render(row, kind(), context, urls=urls, business=Business.objects.get())

    assert (
        "You asked us to remind you of BEANS, which you last bought on 1 May 2026."
    ) in mail.text
    assert kind().explain([row])[row.pk] == "Put off: BEANS, last bought on 1 May 2026."


def test_why_is_one_sentence(automation, customer):
    buys_every(customer, 31)
    sweep()

    assert list(kind().explain(rows()).values()) == [
        "Due: BEANS, bought about every 31 days, last on 1 May 2026."
    ]


def test_preparing_many_asks_as_often_as_preparing_one(
    automation, django_assert_num_queries
):
    for _ in range(10):
        buys_every(CustomerFactory(), 31)
    sweep()
    found = rows()

    with django_assert_num_queries(4):
        assert len(kind().prepare(found, NOW)) == 10
    with django_assert_num_queries(1):
        assert kind().no_longer_due(found, NOW) == {}


def test_the_mail_leads_to_the_product_in_the_shop(automation, customer):
    buys_every(customer, 31)
    Product.objects.filter(sku="BEANS").update(
        link="https://shop.example/beans?a=1&b=2", price=Decimal("18.5"), currency="GBP"
    )
    sweep()

    (context,) = kind().prepare(rows(), NOW).values()

    (line,) = context.values["items"]
    assert line["link"] == "https://shop.example/beans?a=1&b=2"
    assert line["price"] == "£18.50"


CONTACT = "https://x/contact/t/"


def written(**business):
    (row,) = rows()
    Business.objects.update(**business)
    urls = MailUrls(
        links={"choices": "https://x/b/t/"}, stop="", preferences="", contact=CONTACT
    )
    context = kind().prepare([row], NOW)[row.pk]
    return render(row, kind(), context, urls=urls, business=Business.objects.get())


def test_without_a_link_it_asks_for_an_answer_and_else_leads_to_the_form(
    automation, customer
):
    buys_every(customer, 31)
    picture = "https://shop.example/beans.jpg"
    Product.objects.update(price=Decimal("18.5"), currency="GBP", picture=picture)
    sweep()

    answered = written(reply_to="noa@kettle.example")
    typed = written(reply_to="")

    for mail in (answered, typed):
        assert "£18.50" in mail.text
        assert "£18.50" in mail.html
        assert picture in mail.html
    assert "To order, simply answer this mail." in answered.text
    assert "To order, simply answer this mail." in answered.html
    assert f"Write to us to order: {CONTACT}" in typed.text
    assert "Write to us to order" in typed.html
    assert "answer this mail" not in typed.text


def test_with_a_link_it_asks_for_no_answer(automation, customer):
    buys_every(customer, 31)
    Product.objects.update(link="https://shop.example/beans")
    sweep()

    mail = written(reply_to="")

    assert "https://shop.example/beans" in mail.text
    assert "Write to us to order" not in mail.text + mail.html


def test_what_is_not_sold_any_more_leaves_the_mail_and_alone_ends_it(
    automation, customer
):
    for sku in ("BEANS", "TEA"):
        buys_every(customer, 31, sku)
    sweep()

    Product.objects.filter(sku="BEANS").update(is_available=False)
    mail = written()
    assert kind().no_longer_due(rows(), NOW) == {}
    assert "TEA" in mail.text
    assert "BEANS" not in mail.text

    Product.objects.update(is_available=False)
    (reason,) = kind().no_longer_due(rows(), NOW).values()
    assert reason.code == "product_gone"


@pytest.mark.parametrize(
    ("basis", "said", "explained"),
    [
        (
            "product",
            "Others buy BEANS again after about 31 days",
            "others buy it again",
        ),
        ("supply", "BEANS lasts about 31 days", "it lasts about 31 days"),
        ("season", "The season of BEANS begins", "its season begins"),
    ],
)
def test_the_mail_says_which_knowledge_it_rests_on(
    automation, customer, basis, said, explained
):
    buys_every(customer, 31)
    next_purchases.process_pending(now=NOW)
    NextPurchase.objects.update(basis=basis)
    sweep()

    mail = written()

    assert said in mail.text
    assert said.replace("BEANS", "<bdi>BEANS</bdi>") in mail.html
    assert explained in kind().explain(rows())[rows()[0].pk]


def test_it_goes_out_with_a_link_of_its_own(automation, customer, settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    buys_every(customer, 31)
    sweep()

    delivery.deliver(now=datetime(2026, 6, 1, 9, 5, tzinfo=UTC))

    (row,) = rows()
    assert row.state == "sent"
    link = Link.objects.get(message=row)
    assert (link.purpose, link.subject_id) == ("reorder", row.pk)
    assert "/b/" in row.body.text
