"""Numbers, money and scores: plain ones within their limits, or a clear error."""

from decimal import Decimal

import pytest

from crm.models import Business, Order, OrderLine
from messaging.models import Automation
from surveys.models import Response, Survey
from tests.bad_inputs.support import (
    ORDERS,
    a_line,
    an_order,
    assert_no_trace,
    post,
    refused,
    standing,
    value_in,
)
from tests.bad_inputs.values import NO_NUMBER
from tests.journeys.reading import everything_stored
from web.error_messages import for_field
from web.rules import money

pytestmark = pytest.mark.django_db


def order(api, **line):
    return post(api, ORDERS, an_order(lines=[a_line(**line)]))


@pytest.mark.parametrize("field", ["quantity", "unit_price"])
def test_the_api_takes_plain_numbers_as_text_and_nothing_else(api, field):
    for number in [*NO_NUMBER, " 7 ", 7, 7.5, True, None, [], {}]:
        refused(order(api, **{field: number}), f"lines.0.{field}")
    assert not Order.objects.filter(external_id="1001").exists()


@pytest.mark.parametrize(
    ("field", "number"),
    [
        ("quantity", "100000000"),
        ("quantity", "999999999999"),
        ("quantity", "1.0001"),
        ("quantity", "9223372036854775807"),
        ("unit_price", "100000000"),
        ("unit_price", "-100000000"),
    ],
)
def test_a_number_that_no_column_holds_is_refused(api, field, number):
    refused(order(api, **{field: number}), f"lines.0.{field}")


def test_an_amount_that_no_column_holds_is_refused(api):
    answer = order(api, quantity="99999999", unit_price="99999999")

    text = refused(answer, "lines.0.unit_price")["lines.0.unit_price"]
    assert text == str(for_field("", "number_out_of_range"))


@pytest.mark.parametrize("zero", ["0", "-0", "0.000"])
def test_a_line_of_nothing_is_refused_as_in_files(api, zero):
    refused(order(api, quantity=zero), "lines.0.quantity")


def test_minus_nothing_is_nothing(api):
    assert order(api, unit_price="-0").status_code == 201
    assert str(OrderLine.objects.latest("pk").unit_price) == "0.0000"


@pytest.mark.parametrize(
    ("currency", "price", "amount"),
    [
        ("EUR", "1.005", "1.01"),
        ("EUR", "2.675", "2.68"),
        ("EUR", "0.125", "0.13"),
        ("JPY", "2.5", "3"),
        ("KWD", "1.0005", "1.001"),
        ("KWD", "0.0125", "0.013"),
        ("CLF", "1.00005", "1.0001"),
    ],
)
def test_half_a_cent_is_rounded_up_once(api, currency, price, amount):
    line = a_line(quantity="1", unit_price=price)
    post(api, ORDERS, an_order(currency=currency, lines=[line]))

    assert OrderLine.objects.latest("pk").amount == Decimal(amount)


@pytest.mark.parametrize("currency", ["XXX", "EURO", "E1R", "€", "\u200b$", "XBT"])
def test_a_currency_that_is_none_is_refused(api, currency):
    refused(post(api, ORDERS, an_order(currency=currency)), "currency")


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [
        ("jpy", "99", "JP¥99"),
        ("EUR", "99.50", "€99.50"),
        ("KWD", "99.499", "KWD99.499"),
        ("IQD", "99.499", "IQD99.499"),
    ],
)
def test_each_currency_has_its_own_places(api, owner, currency, amount, shown):
    """Stored, returned by the API, and on the customer's page and in the admin."""
    line = a_line(quantity="1", unit_price="99.4985")
    output = post(api, ORDERS, an_order(currency=currency, lines=[line])).json()

    found = Order.objects.get(external_id="1001")
    assert (found.currency, found.total) == (currency.upper(), Decimal(amount))
    assert output["total"] == amount
    assert shown in text_of(owner.get(f"/customers/{found.customer_id}/"))
    assert shown in text_of(owner.get(f"/admin/crm/order/{found.pk}/change/"))


def text_of(page):
    """As it is read: without what only isolates an amount from other scripts."""
    assert page.status_code == 200
    return page.content.decode().replace("\u200f", "").replace("\xa0", "")


def test_a_refund_may_be_larger_than_any_order_and_is_a_return(api):
    """40: history is kept as it was; no order day, rating or reminder rests on it."""
    answer = order(api, quantity="-5000")

    assert answer.status_code == 201
    assert answer.json()["nature"] == "return"
    assert {line.nature for line in OrderLine.objects.order_by("-pk")[:1]} == {"return"}


@pytest.mark.parametrize(
    "lines",
    [[], None, {}, "x", [1], [[]], [None], [a_line()] * 2001, [1] * 300_000],
    ids=["none", "null", "object", "text", "1", "list", "nulls", "2001", "300000"],
)
def test_lines_that_are_none_are_refused_at_once(api, lines):
    answer = post(api, ORDERS, an_order(lines=lines))

    assert answer.status_code == 400
    assert len(answer.content) < 5_000
    assert any(name.startswith("lines") for name in answer.json()["fields"])


# --- Settings ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", ["1_000", "NaN", "1e2", "-1", "24", "5.5", "9" * 5000]
)
def test_an_hour_of_the_shop_is_an_hour(owner, shop, number):
    data = standing(owner, "/settings/shop/")

    answer = owner.post("/settings/shop/", {**data, "quiet_from": number})

    assert answer.status_code == 422
    assert_no_trace(answer)
    assert value_in(answer, "quiet_from") == number
    assert Business.objects.get().quiet_from == 0


@pytest.mark.parametrize("number", ["x", "-1", "5.5", "9" * 5000])
@pytest.mark.parametrize("field", ["offset_days", "life_days", "version"])
def test_a_number_of_an_automation_is_one(owner, shop, field, number):
    if (field, number) == ("offset_days", "-1"):
        pytest.skip("Days before are days.")
    pk = shop.pks["automation"]
    data = standing(owner, f"/automations/{pk}/?change=all", "timing") | {field: number}
    before = Automation.objects.filter(pk=pk).values().get()

    answer = owner.post(f"/automations/{pk}/edit/", data)

    assert_no_trace(answer)
    assert answer.status_code in (409, 422)
    assert Automation.objects.filter(pk=pk).values().get() == before


@pytest.mark.parametrize("number", ["²", "٣", "x", "9" * 20, "9" * 5000])
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/till/members/{membership}/take/", "offer"),
        ("/programmes/{programme}/offer/", "drop"),
        ("/mails/new/", "customer"),
        ("/segments/new/", "version"),
    ],
)
def test_an_id_in_a_form_is_one_or_nobodys(owner, shop, path, field, number):
    answer = owner.post(path.format(**shop.pks), {field: number})

    assert_no_trace(answer)
    assert answer.status_code < 500


# --- Scores --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scores",
    [
        ["11"],
        ["-1"],
        ["5.5"],
        ["1_0"],
        ["٣"],
        [],
        ["1", "10"],
        ["9" * 5000],
        ["NaN"],
    ],
    ids=str,
)
def test_a_score_that_is_none_is_no_answer(stranger, shop, scores):
    before = everything_stored()

    answer = stranger.post(shop.links["survey"], {"score": scores, "comment": "Kept"})

    assert answer.status_code == 422
    assert_no_trace(answer)
    assert "Kept" in answer.content.decode()
    assert everything_stored() == before


@pytest.mark.parametrize(
    "stars", [["6"], ["0"], ["4.5"], ["1", "5"], ["٣"], []], ids=str
)
def test_stars_that_are_none_are_no_review(stranger, shop, stars):
    before = everything_stored()

    answer = stranger.post(shop.links["review"], {"stars": stars, "body": "Kept"})

    assert answer.status_code == 422
    assert "Kept" in answer.content.decode()
    assert everything_stored() == before


def test_a_survey_without_answers_reports_it(owner, shop):
    Response.objects.all().delete()

    answer = owner.get(f"/surveys/{Survey.objects.latest('pk').pk}/")

    assert answer.status_code == 200
    assert_no_trace(answer)


def test_the_sum_of_an_order_is_that_of_its_rounded_lines(api):
    """37: it can be added up by hand from what the page shows."""
    lines = [a_line(sku=f"S{n}", quantity="0.333", unit_price="0.05") for n in range(9)]
    post(api, ORDERS, an_order(lines=lines))

    each = money.line_amount(Decimal("0.333"), Decimal("0.05"), "EUR")
    assert Order.objects.get(external_id="1001").total == 9 * each
