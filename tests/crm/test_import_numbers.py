"""Numbers as files write them, against numbers that were written on purpose."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.services.imports.values import Refused, number
from crm.services.imports.values.numbers import currencies_named, decimal_mark_of

READ = {mark: number(digits=10, places=8, mark=mark) for mark in ("", "point", "comma")}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u202f234.50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1’234.50", "1234.50"),
        ("12,34,567", "1234567"),
        ("1.234.567", "1234567"),
        ("12,5", "12.5"),
        ("12.50", "12.5"),
        ("0.250", "0.25"),
        (".50", "0.5"),
        (",50", "0.5"),
        ("12.", "12"),
        ("12,-", "12"),
        ("12.–", "12"),
        ("(12.00)", "-12"),
        ("($12.00)", "-12"),
        ("12.00-", "-12"),
        ("−12.00", "-12"),
        ("-$5", "-5"),
        ("+1", "1"),
        ("$12.00", "12"),
        ("$.50", "0.5"),
        ("12.00 €", "12"),
        ("EUR 12.00", "12"),
        ("R$ 12,50", "12.5"),
        ("Rs.50", "50"),
        ("kr 1 234,50", "1234.5"),
        ("12 zł", "12"),
        ("₪12", "12"),
        ("٣", "3"),
        ("١٢٫٥", "12.5"),
        ("１２．５", "12.5"),
        ("\u200e12.5\u200f", "12.5"),
        ("'12.5", "12.5"),
    ],
)
def test_a_number_that_tells_by_itself_is_read(cell, value):
    assert READ[""](cell) == Decimal(value)


@pytest.mark.parametrize(
    "cell",
    [
        *("", "NaN", "Infinity", "1e2", "1_000", "0x10", "½", "12²", "--1", "1 2"),
        *("=1+1", "12.50.1", "1,23,4", "1,2345.00", "5 pieces", "$5€", "1$2", "12-5"),
        *("1 23.50", "01.234.567", "(5", "5)", "USD"),
    ],
)
def test_what_is_no_number_is_refused(cell):
    assert READ[""](cell) == "number_invalid"


@pytest.mark.parametrize("cell", ["1.299", "1,299", "$1.000", "-12.345", "999,999"])
def test_what_could_be_a_thousand_or_one_is_refused_until_it_is_said(cell):
    found = READ[""](cell)

    assert found == "number_ambiguous"
    assert isinstance(found, Refused)
    assert found.cell == cell


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("1.299", "1.299", "1299"),
        ("1,299", "1299", "1.299"),
        ("1.000", "1", "1000"),
        ("12.50", "12.5", None),
        ("12,50", None, "12.5"),
        ("1.299,00", None, "1299"),
        ("1,299.00", "1299", None),
        ("0.250", "0.25", None),
        ("1 299", "1299", "1299"),
    ],
)
def test_a_mark_that_was_said_holds(cell, point, comma):
    for mark, value in (("point", point), ("comma", comma)):
        expected = Decimal(value) if value else "number_invalid"
        assert READ[mark](cell) == expected


GROUPS = {"point": ("", ",", " ", "'", "\u00a0"), "comma": ("", ".", " ", "’")}


@given(
    st.decimals(min_value=-9_999_999, max_value=9_999_999, places=4),
    st.sampled_from(["point", "comma"]),
    st.integers(0, 3),
    st.sampled_from(["{}", "€{}", "{} USD", " {} "]),
)
@settings(max_examples=60, deadline=None)
def test_what_is_written_by_a_said_rule_is_read_back(value, mark, group, shape):
    """Written digit by digit here, and not by the reader's own rules."""
    whole, _, fraction = f"{abs(value):.4f}".partition(".")
    backwards = whole[::-1]
    threes = [backwards[at : at + 3][::-1] for at in range(0, len(whole), 3)][::-1]
    text = GROUPS[mark][group].join(threes) + {"point": ".", "comma": ","}[mark]
    text = shape.format(("-" if value < 0 else "") + text + fraction)

    assert READ[mark](text) == value


@given(st.from_regex(r"[0-9.,' ]{1,9}", fullmatch=True))
@settings(max_examples=60, deadline=None)
def test_no_number_is_read_that_both_halves_of_the_world_read_otherwise(text):
    """Without a mark that was said, what is read is what one of the two rules reads,
    and never where the other reads something else."""
    alone = READ[""](text)
    if isinstance(alone, Refused):
        return
    said = {READ["point"](text), READ["comma"](text)}

    assert {value for value in said if not isinstance(value, Refused)} == {alone}


def test_a_column_tells_its_mark_where_one_of_its_cells_does():
    assert decimal_mark_of(["1.299", "12,50", "7"]) == ("comma", "12,50")
    assert decimal_mark_of(["1.299", "12.5"]) == ("point", "12.5")
    assert decimal_mark_of(["12.50", "12,50"]) == ("", "")
    assert decimal_mark_of(["1.299", "7"]) == ("", "")


def test_a_sign_tells_the_currencies_that_it_may_mean():
    assert currencies_named("12 €") == {"EUR"}
    assert {"USD", "AUD"} < currencies_named("$12")
    assert "EUR" not in currencies_named("$12")
    assert currencies_named("12") == currencies_named("12 pieces") == frozenset()
