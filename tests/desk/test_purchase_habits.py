"""Regular purchases on the customer page: the next day, and how it was worked out."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from crm.models import Product
from crm.services import orders
from crm.services.orders import OrderLineInput
from loyalty.models import NextPurchase, ReminderItem, ReorderRefusal
from loyalty.selectors.purchase_habits import purchase_habits
from loyalty.services import next_purchases
from tests.desk.conftest import NOW
from tests.factories import MessageFactory
from tests.journeys.reading import shown
from tests.pages import panel

DAY = timedelta(days=1)
TODAY = NOW.date()


def buy(customer, on, *bought, quantity=1, price=24):
    orders.record_order(
        now=NOW,
        customer=customer,
        order_id=f"{customer.pk}/{on}",
        ordered_at=datetime(on.year, on.month, on.day, 10, tzinfo=UTC),
        lines=[
            OrderLineInput(name, Decimal(quantity), Decimal(price), product=name)
            for name in bought or ("Ethiopia 1 kg",)
        ],
    )


def buys(customer, *ago, **more):
    for days in ago:
        buy(customer, TODAY - days * DAY, **more)


def section(desk, customer):
    return panel(desk.get(f"/customers/{customer.pk}/"), "purchase_habits")


def only(desk, customer):
    (row,) = section(desk, customer).rows
    return row


def test_the_next_day_and_how_often_stand_there(desk, dana):
    buys(dana, 108, 80, 49, 16)  # every 28, 31 and 33 days

    row = only(desk, dana)

    assert row.product == "Ethiopia 1 kg"
    assert row.due == "Next around 3 Dec"
    assert row.often == "About every 31 days, usually 28 to 33"
    assert row.last == "Last bought on 2 Nov"
    assert row.how[0] == "3 intervals: 28, 31, 33 days"
    assert row.state == ""


def test_how_sure_the_day_is_stands_there_unless_it_was_moved_or_is_over(desk, dana):
    buys(dana, 108, 80, 49, 16)
    (one,) = purchase_habits(dana.pk, today=TODAY).products
    chance = round(100 * one.expected.confidence)

    assert only(desk, dana).sure == f"{chance}\xa0% likely within a week of it"
    assert f"{chance} % likely" in shown(desk.get(f"/customers/{dana.pk}/")).replace(
        "\xa0", " "
    )


def test_a_day_that_was_moved_is_not_said_to_be_sure(desk, dana):
    buys(dana, *range(36 + 6 * 31, 35, -31))

    assert (only(desk, dana).due[:4], only(desk, dana).sure) == ("Next", "")


def strip(desk, customer):
    last = desk.get(f"/customers/{customer.pk}/").context["page"].glance[-1]
    return last.label, last.cell.value, last.cell.detail


def test_the_strip_names_what_they_buy_next(desk, dana):
    for ago, name in ((83, "Tea"), (53, "Tea"), (23, "Tea")):
        buy(dana, TODAY - ago * DAY, name, "Coffee")

    assert strip(desk, dana) == (
        *("Usual order", "Coffee"),
        "every 30 days, next around 25 Nov",
    )


def test_without_a_rhythm_the_strip_keeps_the_last_order(desk, dana):
    buys(dana, 700, 690, 400, 20)

    assert strip(desk, dana)[:2] == ("Last order", "20 days ago")


def test_an_even_rhythm_has_no_range(desk, dana):
    buys(dana, 93, 62, 31)

    assert only(desk, dana).often == "Every 31 days"


def test_quantity_is_shown_where_it_moved_the_day(desk, dana):
    buys(dana, 80, 50)
    buy(dana, TODAY - 20 * DAY, quantity=2)

    row = only(desk, dana)

    assert "Two bags last longer: the last purchase should last 55 days" in row.how
    assert row.due == "Next around 21 Dec"


def test_equal_quantities_are_not_told(desk, dana):
    buys(dana, 93, 62, 31, quantity=3)

    assert not [line for line in only(desk, dana).how if "longer" in line]


def test_a_later_order_rhythm_is_reported(desk, dana):
    for ago in (90, 59, 28):
        buy(dana, TODAY - ago * DAY, "Ethiopia 1 kg")
    for ago in (85, 78, 71, 64, 55, 48, 41, 34, 23, 16, 9, 2):
        buy(dana, TODAY - ago * DAY, f"Sencha no {ago}")

    assert only(desk, dana).how[-1].startswith("Used up earlier, but their next order")


def test_long_histories_show_the_last_intervals(desk, dana):
    buys(dana, *range(310, 0, -31))

    assert only(desk, dana).how[0] == (
        "9 intervals, the last of them: 31, 31, 31, 31, 31, 31 days"
    )


def test_a_day_that_went_by_is_shown_as_that(desk, dana):
    buys(dana, 107, 76, 45)
    next_purchases.process_pending(now=NOW - 40 * DAY)

    assert only(desk, dana).due == "Was expected around 4 Nov"


def test_a_day_that_went_by_before_anybody_asked_is_moved(desk, dana):
    """Before and after the table is brought up to date: the page shows the same."""
    buys(dana, *range(36 + 6 * 31, 35, -31))
    before = only(desk, dana)

    next_purchases.process_pending(now=NOW)

    assert before.due == only(desk, dana).due
    assert before.due.startswith("Next around")
    assert before.how[-1] == only(desk, dana).how[-1]
    assert "An earlier day went by" in before.how[-1]


def test_two_purchases_are_not_enough_yet(desk, dana):
    buys(dana, 62, 31)

    found = section(desk, dana)

    assert found.rows == []
    assert found.note == "Not enough yet: it takes three purchases of one product."


def test_no_one_is_shown_a_day_without_a_rhythm(desk, dana):
    buys(dana, 700, 690, 400, 20)

    row = only(desk, dana)

    assert (row.due, row.often) == ("No day expected", "")
    assert row.how[0] == "3 intervals: 10, 290, 380 days"
    assert row.how[-1] == "Too irregular or too long ago: nothing is sent"


@pytest.mark.parametrize("line", [{"price": 0}, {"quantity": -1}])
def test_what_is_no_purchase_makes_no_habit(desk, dana, line):
    buys(dana, 93, 62, 31, **line)

    assert section(desk, dana).rows == []


def test_what_is_expected_first_comes_first_and_the_rest_is_counted(desk, dana):
    for n in range(8):
        for ago in (93, 62, 31):
            on = TODAY - (ago - 8 + n) * DAY
            buy(dana, on, f"Tea no {n}")

    found = section(desk, dana)

    assert len(found.rows) == 6
    assert found.more == 2


def test_the_page_does_not_wait_for_the_upkeep(desk, dana):
    """The table is empty, the page is right; after the pass both say the same."""
    buys(dana, 108, 80, 49, 16)
    assert not NextPurchase.objects.exists()
    (one,) = purchase_habits(dana.pk, today=TODAY).products

    next_purchases.process_pending(now=NOW)

    row = NextPurchase.objects.get()
    assert one.expected.due_on == row.due_on == date(2026, 12, 3)
    assert (one.expected.every, one.expected.intervals) == (row.days, row.intervals)


def test_a_refused_product_reports_it(desk, dana):
    buys(dana, 93, 62, 31)
    ReorderRefusal.objects.create(
        customer=dana, product=Product.objects.get(), made_at=NOW
    )

    assert only(desk, dana).state == "Wants no reminder of this"


def test_who_wants_no_reminders_at_all_is_shown_once(desk, dana):
    buys(dana, 93, 62, 31)
    ReorderRefusal.objects.create(customer=dana, product=None, made_at=NOW)

    found = section(desk, dana)

    assert found.note == "Wants no reminders of what they buy."
    assert found.rows[0].state == ""


def test_what_was_put_off_names_the_day(desk, dana):
    buys(dana, 93, 62, 31)
    ReminderItem.objects.create(
        customer=dana,
        product=Product.objects.get(),
        last_on=TODAY - 31 * DAY,
        due_on=TODAY,
        message=MessageFactory(customer=dana, kind="reorder", category="loyalty"),
        again_on=TODAY + 14 * DAY,
    )

    assert only(desk, dana).state == "Put off: reminder on 2 Dec"


def test_names_are_text_and_everything_is_on_the_page(desk, dana):
    buys(dana, 93, 62, 31)
    Product.objects.update(name="<b>Tea</b>")

    answer = desk.get(f"/customers/{dana.pk}/")

    assert "&lt;b&gt;Tea&lt;/b&gt;" in answer.content.decode()
    words = shown(answer)
    assert "Usual products" in words
    assert "2 intervals: 31, 31 days" in words


def test_a_customer_of_hundreds_of_products_takes_eight_queries(
    dana, django_assert_num_queries
):
    for ago in (93, 62, 31):
        buy(dana, TODAY - ago * DAY, *(f"Tea no {n}" for n in range(150)))

    with django_assert_num_queries(8):
        found = purchase_habits(dana.pk, today=TODAY)

    assert len(found.products) == 150
