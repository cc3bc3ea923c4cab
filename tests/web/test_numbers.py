"""Numbers that come in addresses and forms."""

import pytest

from web.rules.numbers import LARGEST_ID, whole_number


@pytest.mark.parametrize(
    "text", ["", "-1", "1.0", " 1", "+1", "1_000", "٣", "²", "9" * 20]
)
def test_only_ascii_digits_of_a_bigint_are_a_number(text):
    assert whole_number(text) is None


def test_the_bounds_of_a_number():
    assert whole_number("0") == 0
    assert whole_number(str(LARGEST_ID)) == LARGEST_ID
    assert whole_number(str(LARGEST_ID + 1)) is None
    assert whole_number("999", most=999) == 999
    assert whole_number("1000", most=999) is None
