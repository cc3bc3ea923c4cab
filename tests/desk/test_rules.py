"""What a search asks, and where a task stands."""

from datetime import UTC, date, datetime, timedelta

import pytest

from desk import rules
from desk.rules import Group, Late, Pattern

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
TODAY = NOW.date()


def asked(typed, words=(), email="", country_code=None):
    found = rules.patterns(
        typed, words=list(words), email=email, country_code=country_code
    )
    return {
        (one.column, *(like for group in one.likes for like in group)) for one in found
    }


def test_an_address_is_not_asked_of_the_names():
    columns = {column for column, *_ in asked("dana@example.org", ["dana@example.org"])}

    assert columns == {"external_id", "email_norm"}


def test_three_letters_match_anywhere():
    assert ("search_text", "%evi%") in asked("evi", ["evi"])


def test_two_letters_match_where_a_word_begins():
    assert ("search_text", "li%", "% li%") in asked("li", ["li"])


def test_every_word_must_match():
    found = rules.patterns(
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
    assert "search_text" not in {column for column, *_ in asked("%", ["%"])}


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
    ("due", "late"),
    [
        ({"due_at": NOW - timedelta(minutes=5)}, Late(minutes=5)),
        ({"due_at": NOW - timedelta(hours=3)}, Late(hours=3)),
        ({"due_at": NOW - timedelta(hours=26)}, Late(days=1)),
        ({"due_on": TODAY - timedelta(days=4)}, Late(days=4)),
    ],
)
def test_lateness_is_told_in_one_unit(due, late):
    values = {"due_on": TODAY, "due_at": None, **due}

    assert rules.lateness(**values, now=NOW, today=TODAY) == late


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, 0), (7, 7), (999, 999), (12_438, 12_400), (998_765, 999_000)],
)
def test_an_estimate_shows_three_digits(count, shown):
    assert rules.roughly(count) == shown
