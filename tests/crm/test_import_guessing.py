"""Columns of files: what they are taken for, why, and how sure that is."""

import pytest

from crm.services.imports.column_names import CUSTOMERS, ORDERS
from crm.services.imports.guessing import (
    Certainty,
    Why,
    guess_columns,
    guess_kind,
)

PEOPLE = [
    ["7", "Dana Levi", "dana@example.org", "+972 54 123 4567", "2019-05-12"],
    ["8", "Ade Oduya", "ade@example.org", "+44 20 7946 0123", "2021-03-04"],
]
LINES = [
    ["A-1", "7", "2026-05-01", "TEA", "2", "12.50"],
    ["A-1", "7", "2026-05-01", "MUG", "1", "9.00"],
]


def fields(header, rows, kind=CUSTOMERS):
    found = guess_columns(header, rows, kind)
    return {header[guess.column]: guess.field for guess in found}


@pytest.mark.parametrize(
    "header",
    [
        ["Customer No.", "Full name", "E-MAIL", "Mobile_Phone", "Customer since"],
        ["客户编号", "姓名", "邮箱", "手机号", "注册日期"],
        ["會員編號", "客戶姓名", "電子郵件", "手機", "入會日期"],
        ["מספר לקוח", "שם מלא", "דוא״ל", "טלפון נייד", "תאריך הצטרפות"],
    ],
)
def test_columns_of_people_are_known_in_four_languages(header):
    known = ["external_id", "name", "email", "phone", "customer_since"]

    assert list(fields(header, PEOPLE).values()) == known


@pytest.mark.parametrize(
    "header",
    [
        ["Order #", "Customer ID", "Order Date", "SKU", "Qty", "Price"],
        ["订单号", "客户编号", "下单时间", "商品编码", "数量", "单价"],
        ["訂單編號", "顧客編號", "訂單日期", "商品編號", "數量", "單價"],
        ["מספר הזמנה", "מספר לקוח", "תאריך הזמנה", 'מק"ט', "כמות", "מחיר ליחידה"],
    ],
)
def test_columns_of_orders_are_known_in_four_languages(header):
    known = ["order_id", "customer_id", "ordered_at", "sku", "quantity", "unit_price"]

    assert list(fields(header, LINES, ORDERS).values()) == known
    assert guess_kind(header, LINES) == ORDERS


def test_a_list_of_people_is_no_list_of_orders():
    header = ["id", "name", "email", "phone", "created at"]

    assert guess_kind(header, PEOPLE) == CUSTOMERS


def test_what_no_name_tells_is_found_by_its_contents_and_said_to_be_so():
    header = ["A", "B", "C", "D", "E"]
    found = {one.field: one for one in guess_columns(header, PEOPLE, CUSTOMERS)}

    assert set(found) == {"email", "phone"}
    assert {one.why for one in found.values()} == {Why.CONTENTS}
    assert {one.certainty for one in found.values()} == {Certainty.UNSURE}


def test_two_columns_that_look_alike_are_not_guessed_at():
    rows = [["a@example.org", "b@example.org"], ["c@example.org", "d@example.org"]]

    assert guess_columns(["one", "two"], rows, CUSTOMERS) == []


def test_plain_digits_are_no_phone():
    rows = [["44870001"], ["44870002"]]

    assert guess_columns(["LEID"], rows, CUSTOMERS) == []


def test_a_name_that_the_contents_belie_is_not_believed():
    rows = [["Haifa"], ["Uppsala"]]

    assert guess_columns(["Email"], rows, CUSTOMERS) == []


def test_a_name_that_half_the_contents_belie_is_doubtful():
    rows = [["dana@example.org"], ["in the book"]]
    [guess] = guess_columns(["Email"], rows, CUSTOMERS)

    assert (guess.field, guess.why, guess.share) == ("email", Why.DOUBTFUL, 0.5)


def test_an_empty_column_is_likely_what_it_is_called():
    [guess] = guess_columns(["Email"], [[""], [""]], CUSTOMERS)

    assert (guess.certainty, guess.why) == (Certainty.LIKELY, Why.EMPTY)


def test_what_repeats_itself_is_no_id_of_a_person():
    rows = [["1"], ["1"], ["1"], ["2"]]

    assert [one.why for one in guess_columns(["id"], rows, CUSTOMERS)] == [Why.DOUBTFUL]
    assert guess_columns(["id"], [["1"]] * 4, CUSTOMERS) == []


def test_the_better_of_two_names_wins_the_field():
    header = ["Billing phone", "Phone"]
    rows = [["+44 20 7946 0123", "+44 20 7946 0124"]]

    assert fields(header, rows) == {"Phone": "phone"}


def test_the_sum_of_an_order_is_not_taken_for_that_of_a_line():
    header = ["Order", "Subtotal", "Price", "Qty"]
    rows = [["A-1", "34.00", "12.50", "2"]]

    assert "line_total" not in fields(header, rows, ORDERS).values()
    assert fields(header[:2], rows, ORDERS)["Subtotal"] == "line_total"


def test_the_smallest_useful_file_is_understood():
    header, rows = (
        ["name", "email", "since"],
        [["Dana Levi", "d@example.org", "2019-05-12"]],
    )

    assert fields(header, rows) == {
        "name": "name",
        "email": "email",
        "since": "customer_since",
    }
