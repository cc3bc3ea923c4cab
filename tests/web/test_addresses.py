"""Addresses that are found once are those that Django finds."""

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix

from web.addresses import address


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("insights:people", ()), ("surveys:survey", (3,)), ("desk:customer", (10**12,))],
)
def test_an_address_is_the_one_of_django(name, numbers):
    for prefix in ("/", "/below/", "/"):
        set_script_prefix(prefix)
        found = address(name, *numbers)
        assert found == reverse(name, args=numbers)
        assert found.startswith(prefix)


def test_an_unknown_page_or_number_is_an_error():
    for name, numbers in (
        ("no:page", ()),
        ("surveys:survey", ()),
        ("insights:x", (1,)),
    ):
        with pytest.raises(NoReverseMatch):
            address(name, *numbers)
