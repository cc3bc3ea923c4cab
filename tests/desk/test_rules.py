"""What a search asks, and where a task stands."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from crm.rules import customer_search
from crm.rules.customer_search import Pattern
from crm.rules.search import search_words
from desk import rules
from desk.rules import Group
from web.rules.text import phone_parts

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
TODAY = NOW.date()


def asked(typed, words=(), email="", country_code=None):
    found = customer_search.patterns(
        typed, words=list(words), email=email, country_code=country_code
    )
    return {
        (one.column, *(like for group in one.likes for like in group)) for one in found
    }


def test_an_address_is_not_asked_of_the_names():
    columns = {column for column, *_ in asked("dana@example.org", ["dana@example.org"])}

    assert columns == {"external_id", "email_norm", "second_norm"}


def test_three_letters_match_anywhere():
    assert ("search_text", "%evi%") in asked("evi", ["evi"])


def test_two_letters_match_where_a_word_begins():
    assert ("search_text", "li%", "% li%") in asked("li", ["li"])


def test_every_word_must_match():
    found = customer_search.patterns(
        "dana levi", words=["dana", "levi"], email="", country_code=None
    )

    assert Pattern("search_text", (("%dana%",), ("%levi%",))) in found


@pytest.mark.parametrize(
    ("typed", "like"),
    [("50%_off", r"50\%\_off%"), ("a\\b", r"a\\b%")],
)
def test_wildcards_stand_for_themselves(typed, like):
    assert ("external_id", like) in asked(typed)


def test_a_sign_alone_asks_no_name():
    assert "search_text" not in {column for column, *_ in asked("%", search_words("%"))}


@pytest.mark.parametrize(
    ("typed", "starts"),
    [
        ("+972 52-123", "+97252123%"),
        ("00972 52", "+97252%"),
        ("052 123 4567", "+972521234567%"),
        ("972521", "+972521%"),
    ],
)
def test_a_phone_is_found_however_it_is_written(typed, starts):
    assert ("phone_e164", starts) in asked(typed, country_code=972)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("052-123 4567", "052-123 4567"),
        ("052-123 4567", "0521234567"),
        ("052-123 4567", "+972 52 1234567"),
        ("052-123 4567", "00972521234567"),
        ("052-123 4567", "972-52-123-4567"),
        ("052-123 4567", "123 4567"),
        ("052-123 4567", "4567"),
        ("052-123 4567", "\u200e052-123"),
        ("+49 (0)30 1234567", "030/1234567"),
        ("+49 30 1234567", "030 1234567"),
        ("030 1234567", "+49 (0)30 1234567"),
        ("8 912 345-67-89", "+7 912 345 67 89"),
        ("+7 912 345-67-89", "8 (912) 345-67-89"),
        ("(212) 555-0123", "+1 212 555 0123"),
        ("(212) 555-0123", "1-212-555-0123"),
        ("06 1234 5678", "+39 06 1234 5678"),
        ("052-1234567 ext. 12", "052-1234567 ext. 12"),
        ("0521234567", "٠٥٢١٢٣٤٥٦٧"),
    ],
)
def test_a_number_is_found_as_written_where_no_country_is_known(written, typed):
    asked = customer_search.patterns(
        typed, words=[], phone_parts=phone_parts(typed), country_code=972
    )
    digits = re.sub("[^0-9]", "", written)

    (likes,) = [one.likes[0] for one in asked if one.column == "phone_digits"]
    assert any(like.strip("%") in digits for like in likes)


@pytest.mark.parametrize("typed", ["123", "anna 1234", "", "+972", "0049"])
def test_too_few_digits_and_words_are_no_part_of_a_number(typed):
    assert phone_parts(typed) == ([typed] if typed == "0049" else [])


def test_words_with_digits_are_no_phone():
    assert "phone_e164" not in {column for column, *_ in asked("order 12345")}


@pytest.mark.parametrize("typed", ["", "   ", "a\0b"])
def test_nothing_and_nul_ask_nothing(typed):
    assert asked(typed, ["a"]) == set()


def group(due_on=TODAY, due_at=None):
    return rules.group_of(due_on=due_on, due_at=due_at, now=NOW, today=TODAY)


@pytest.mark.parametrize(
    ("due", "wanted"),
    [
        ({"due_on": TODAY - timedelta(days=1)}, Group.OVERDUE),
        ({"due_at": NOW - timedelta(minutes=1)}, Group.OVERDUE),
        ({"due_at": NOW}, Group.OVERDUE),
        ({}, Group.NOW),
        ({"due_at": NOW + timedelta(hours=3)}, Group.NOW),
        ({"due_on": TODAY + timedelta(days=1)}, Group.LATER),
        ({"due_on": TODAY + timedelta(days=6)}, Group.LATER),
        ({"due_on": TODAY + timedelta(days=7)}, None),
    ],
)
def test_a_task_stands_where_its_time_puts_it(due, wanted):
    assert group(**due) == wanted


def test_the_readers_day_decides_not_utc():
    # 23:30 UTC on the 18th is the 19th in Berlin: nothing of the 18th is due today.
    late = datetime(2026, 11, 19, 0, 30, tzinfo=UTC)

    found = rules.group_of(
        due_on=date(2026, 11, 18), due_at=None, now=late, today=date(2026, 11, 19)
    )

    assert found == Group.OVERDUE


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, 0), (7, 7), (999, 999), (12_438, 12_400), (998_765, 999_000)],
)
def test_an_estimate_shows_three_digits(count, shown):
    assert rules.roughly(count) == shown
