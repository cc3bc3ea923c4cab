"""Values of every kind, as a form, the API and a file write them: always the same."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.custom_facts import as_typed
from crm.forms.custom_facts import CustomLine
from crm.rules import custom_values
from crm.rules.choices import CustomKind
from crm.rules.custom_values import Definition
from crm.services.imports.custom_cells import CellWays, reader
from web.errors import InvalidValue
from web.rules.money import CURRENCIES, places_of

TEAS = {"green": "Green tea", "black": "Black, strong", "7": "7"}
LETTERS = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1
)
DECIMALS = st.decimals(-(10**14) + 1, 10**14 - 1, places=6, allow_nan=False)


@st.composite
def amounts(draw):
    currency = draw(st.sampled_from(sorted(CURRENCIES)))
    amount = draw(st.decimals(-(10**9), 10**9, places=places_of(currency)))
    return {"amount": f"{amount:f}", "currency": currency}


VALUES = {
    CustomKind.TEXT: LETTERS.filter(lambda text: len(text) <= 1000),
    CustomKind.NUMBER: st.one_of(DECIMALS, st.integers(-(10**13), 10**13)),
    CustomKind.MONEY: amounts(),
    CustomKind.DATE: st.dates(date(1000, 1, 1), date(9999, 12, 31)),
    CustomKind.CHOICE: st.sampled_from([*TEAS, *TEAS.values()]),
    CustomKind.CHOICES: st.lists(st.sampled_from([*TEAS]), min_size=1, unique=True),
    CustomKind.YES_NO: st.booleans(),
    CustomKind.LINK: st.sampled_from(
        ["https://kettle.example", "HTTP://a.example/?q=1,5;2#x", "b.example/%D7%AA"]
    ),
}


def field(kind):
    return Definition("tea", kind, TEAS, tuple(TEAS))


@pytest.mark.parametrize("kind", CustomKind)
def test_every_door_reads_back_what_was_written(kind):
    known = field(kind)
    from_file = reader(known, CellWays())

    @settings(max_examples=40, deadline=None)
    @given(value=VALUES[kind])
    def holds(value):
        try:
            kept = custom_values.read(known, value)
        except InvalidValue:
            assert kind is CustomKind.TEXT  # such as a lone line separator
            return
        # The API sends what is kept, and takes it back.
        assert custom_values.read(known, json.loads(json.dumps(kept))) == kept
        cell = custom_values.as_cell(known, kept)
        if kind is not CustomKind.TEXT or from_file(cell) is not None:
            assert from_file(cell) == kept
        if kind in (CustomKind.NUMBER, CustomKind.MONEY, CustomKind.LINK):
            typed = CustomLine(known, currency="EUR").clean(as_typed(known, kept))
            assert custom_values.read(known, typed) == kept
        else:
            assert custom_values.read(known, as_typed(known, kept)) == kept

    holds()


@given(
    day=st.dates(date(1900, 1, 1), date(9000, 1, 1)),
    clock=st.times(),
    hours=st.integers(-14, 14),
)
@settings(max_examples=40, deadline=None)
def test_neither_a_clock_nor_a_zone_moves_a_day(day, clock, hours):
    read = reader(field(CustomKind.DATE), CellWays())
    there = timezone(timedelta(hours=hours))
    moment = datetime.combine(day, clock.replace(microsecond=0), there)

    assert read(moment.isoformat()) == day.isoformat()
    assert read(day.isoformat()) == day.isoformat()


def test_a_moment_is_no_day():
    with pytest.raises(InvalidValue):
        custom_values.read(field(CustomKind.DATE), datetime.now(UTC))


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("€12", ("12.00", "EUR")),
        ("CHF 1'200.50", ("1200.50", "CHF")),
        ("1200 ¥", None),
        ("$5", None),
        ("1.234,5 kr", None),
        ("7", ("7.00", "EUR")),
    ],
)
def test_money_of_a_file_is_in_its_own_currency_or_the_shops(cell, kept):
    read = reader(field(CustomKind.MONEY), CellWays(currency="EUR"))

    if kept is None:
        with pytest.raises(InvalidValue):
            read(cell)
    else:
        assert read(cell) == dict(zip(("amount", "currency"), kept, strict=True))


def test_an_exact_decimal_stays_exact():
    kept = custom_values.read(field(CustomKind.NUMBER), Decimal("0.100000"))

    assert kept == "0.1"
