"""Money is rounded once, half up, by the places of its currency."""

from decimal import Decimal

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from web import formats
from web.errors import InvalidValue
from web.rules.money import (
    CURRENCIES,
    line_amount,
    order_total,
    parse_decimal,
    places_of,
    round_money,
    valid_currency,
)

MONEY = st.decimals(-(10**9), 10**9, places=6, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1.005", "EUR", "1.01"),
        ("2.675", "EUR", "2.68"),
        ("0.125", "USD", "0.13"),
        ("-0.125", "USD", "-0.13"),
        ("-0.004", "USD", "0.00"),
        ("2.5", "JPY", "3"),
        ("1.0005", "KWD", "1.001"),
        ("1.00005", "CLF", "1.0001"),
    ],
)
def test_half_is_rounded_up_at_the_places_of_the_currency(amount, currency, rounded):
    assert str(round_money(Decimal(amount), currency)) == rounded


def test_no_currency_is_given_fewer_places_than_where_it_is_used():
    """Unicode's table is of what is paid in cash, so that ours may have more."""
    fewer = {
        code for code in CURRENCIES if places_of(code) < get_currency_precision(code)
    }
    three = {code for code in CURRENCIES if get_currency_precision(code) > 2}

    assert fewer == set()
    assert {"BHD", "JOD", "KWD", "LYD", "OMR", "TND", "CLF"} == three


@pytest.mark.parametrize(
    ("stored", "currency", "shown"),
    [
        ("1234.5000", "GBP", "£1,234.50"),
        ("1.2340", "KWD", "KWD1.234"),
        ("1234.0000", "JPY", "JP¥1,234"),
        ("-5.5000", "EUR", "-€5.50"),
        ("1000.0000", "IQD", "IQD1,000.000"),
    ],
)
def test_an_amount_is_shown_with_the_places_of_its_currency(stored, currency, shown):
    assert formats.money(Decimal(stored), currency) == shown


@given(MONEY)
def test_rounding_moves_by_half_a_cent_at_most_and_only_once(amount):
    rounded = round_money(amount, "EUR")

    assert abs(rounded - amount) <= Decimal("0.005")
    assert round_money(rounded, "EUR") == rounded


@given(st.lists(st.tuples(MONEY, MONEY), max_size=20))
def test_a_total_is_the_sum_of_the_lines_as_printed(lines):
    amounts = [line_amount(quantity, price, "EUR") for quantity, price in lines]

    assert order_total(amounts) == sum(amounts)
    assert order_total(amounts) == round_money(order_total(amounts), "EUR")


def test_an_empty_order_totals_nought():
    assert order_total([]) == 0


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", "7"), (" 7 ", "7"), ("-1.5", "-1.5"), ("0012.50", "12.50"), ("-0", "0"),
     ("-0.00", "0"), ("1.50000000000", "1.5")],
)  # fmt: skip
def test_plain_numbers_are_read(text, number):
    assert parse_decimal(text, field="price") == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["", "NaN", "Infinity", "-inf", "1e400", "1E2", "1_000", "1,5", "1,000.00", "0x10",
     "true", "٣", "１２", "--1", "+1", "1.", ".5", "=1+1", "1 000", "1\n", "9" * 65],
)  # fmt: skip
def test_what_only_looks_like_a_number_is_refused(text):
    with pytest.raises(InvalidValue) as refused:
        parse_decimal(text, field="price")

    assert refused.value.fields == {"price": "number_invalid"}


@pytest.mark.parametrize("text", ["12345678901", "0.00001", "-1"])
def test_what_the_column_cannot_hold_is_out_of_range(text):
    with pytest.raises(InvalidValue) as refused:
        parse_decimal(text, field="price", least=Decimal(0))

    assert refused.value.fields == {"price": "number_out_of_range"}


def test_minus_nought_is_nought():
    assert str(parse_decimal("-0", field="price")) == "0"


def test_currency_codes_are_read_in_any_case():
    assert valid_currency(" eur") == "EUR"


def test_unknown_currency_is_refused():
    with pytest.raises(InvalidValue):
        valid_currency("XYZ")
