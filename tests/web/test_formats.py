"""Numbers, money, days and clocks in the four languages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from web import formats

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def plain(text: str) -> str:
    """Without the marks of direction and with ordinary spaces."""
    return "".join(c for c in text if c not in "\u200e\u200f").replace("\xa0", " ")


@pytest.mark.parametrize(
    ("language", "currency", "text"),
    [
        ("en", "GBP", "£9,184.50"),
        ("en", "ILS", "₪9,184.50"),
        ("en", "JPY", "JP¥9,184"),
        ("zh-hans", "CNY", "¥9,184.50"),
        ("zh-hant", "TWD", "$9,184.50"),
        ("he", "ILS", "9,184.50 ₪"),
        ("xx", "EUR", "€9,184.50"),
    ],
)
def test_money_is_written_as_the_language_writes_it(language, currency, text):
    with translation.override(language):
        assert plain(formats.money(Decimal("9184.50"), currency)) == text


def test_unknown_money_is_nothing_and_none_is_not_zero():
    assert formats.money(None, "GBP") == ""
    assert formats.money(Decimal(0), "GBP") == "£0.00"


@pytest.mark.parametrize(
    ("on", "text"),
    [
        (date(2026, 11, 9), "9 Nov"),
        (date(2025, 12, 31), "31 Dec 2025"),
        (date(2024, 2, 29), "29 Feb 2024"),
        (datetime(2026, 11, 9, 23, 30, tzinfo=UTC), "9 Nov"),
        (None, ""),
    ],
)
def test_a_day_names_its_year_only_when_that_is_another(on, text):
    assert formats.day(on, NOW) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(38, "+38"), (-9, "\N{MINUS SIGN}9"), (0, "0")],
)
def test_a_score_carries_its_sign(value, text):
    assert formats.signed(value) == text


def test_a_sign_stays_on_its_side_where_a_page_reads_from_the_right():
    with translation.override("he"):
        shown = [formats.signed(40), formats.percent(41), formats.signed(0)]

    # Between an isolate and its end (U+2066, U+2069) the order is that of the text.
    assert shown == ["\u2066+40\u2069", "\u206641\u00a0%\u2069", "0"]


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh-hans", "11月9日"), ("zh-hant", "11月9日"), ("he", "9 בנוב׳")],
)
def test_a_day_in_other_languages(language, text):
    with translation.override(language):
        assert formats.day(date(2026, 11, 9), NOW) == text


def test_a_clock_is_marked_where_they_are():
    assert formats.clock(NOW, "Asia/Jerusalem") == "14:00"
    assert formats.clock(NOW) == "12:00"
    assert formats.clock(None) == ""


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (-1, "yesterday"),
        (3, "in 3 days"),
        (-12, "12 days ago"),
        (-59, "59 days ago"),
        (-60, "8 weeks ago"),
        (-84, "12 weeks ago"),
        (-181, "25 weeks ago"),
        (-182, "5 months ago"),
        (-365, "12 months ago"),
        (-729, "23 months ago"),
        (-731, "2 years ago"),
        (-2191, "5 years ago"),
        (-2192, "6 years ago"),
    ],
)
def test_distance_in_words(days, text):
    assert formats.distance_in_words(days) == text


@pytest.mark.parametrize(
    ("on", "text"),
    [
        (date(2026, 11, 21), "Today, 21 November"),
        (date(2026, 11, 20), "Yesterday, 20 November"),
        (date(2026, 11, 19), "Thursday, 19 November"),
        (date(2025, 11, 21), "Friday, 21 November 2025"),
    ],
)
def test_the_heading_of_a_day(on, text):
    assert formats.day_heading(on, NOW) == text


def test_languages_have_their_own_names_and_tags():
    assert formats.bcp47("zh-hant") == "zh-Hant"
    assert formats.bcp47("he") == "he"
    assert formats.own_language("zh-hans") == "简体中文"
