"""Codes as people write them, who gets what is scarce, and how long it is good."""

import secrets
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from loyalty.rules import codes
from loyalty.rules.allotment import NoShare, Room, shares
from loyalty.rules.reward_life import last_day, moment_after
from messaging.rules.offers import upsell_in


@pytest.mark.parametrize(
    "typed",
    ["7K0M-1ABC-D3FG", "7kom-iabc-d3fg", " 7K0M 1abc D3FG ", "7KOMLABCD3FG",
     "7k0m–1abc–d3fg", "７Ｋ０Ｍ1ABCD3FG", "7k0m_1abc.d3fg"],
)  # fmt: skip
def test_case_look_alikes_spaces_and_hyphens_do_not_count(typed):
    assert codes.normal(typed) == "7K0M1ABCD3FG"


@pytest.mark.parametrize("typed", ["", "abc", "---", "קוד־שלי", "a" * 41, "x'; DROP"])
def test_what_is_no_code_is_none(typed):
    assert codes.normal(typed) == ""


def test_a_new_code_has_sixty_bits_no_look_alikes_and_reads_back():
    made = {codes.made(secrets.randbelow) for _ in range(500)}

    assert len(made) == 500
    for code in made:
        assert len(code) == 14
        assert not set(code) & set("OILU")
        assert codes.written(codes.normal(code)) == code


def test_the_code_of_a_preview_can_never_be_made():
    assert len(codes.normal(codes.SAMPLE)) > codes.LENGTH


def test_the_first_get_what_is_left_and_each_other_is_told_why():
    room = Room(left=2, budget_left=Decimal(10), cost=Decimal(5), limit=1, held={7: 1})

    assert shares(room, [7, 1, 1, 2, 3]) == [
        NoShare.LIMIT, None, NoShare.LIMIT, None, NoShare.OUT_OF_STOCK,
    ]  # fmt: skip


def test_a_budget_is_never_passed_by_a_cent():
    room = Room(budget_left=Decimal("9.99"), cost=Decimal("3.33"))
    short = Room(budget_left=Decimal("9.98"), cost=Decimal("3.33"))

    assert shares(room, [1, 2, 3, 4]) == [None] * 3 + [NoShare.OVER_BUDGET]
    assert shares(short, [1, 2, 3]) == [None] * 2 + [NoShare.OVER_BUDGET]


def test_an_empty_pool_and_what_is_put_away_give_nothing():
    assert shares(Room(codes=0), [1]) == [NoShare.NO_CODES]
    assert shares(Room(is_archived=True), [1]) == [NoShare.ARCHIVED]


def test_a_life_ends_with_a_day_of_the_shop():
    day = last_day(date(2026, 11, 29), 30)
    auckland = ZoneInfo("Pacific/Auckland")

    assert day == date(2026, 12, 29)
    assert moment_after(day, auckland) == datetime(2026, 12, 29, 11, tzinfo=UTC)
    assert (last_day(date(2026, 1, 1), None), moment_after(None, auckland)) == (
        None,
        None,
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thank you for five years with us.", ""),
        ("Upgrade to the gold plan", "Upgrade"),
        ("Add our grinder for €49", "€49"),
        ("现在升级", "升级"),
        ("立即購買新品", "立即購買"),
        ("קנו עכשיו", "קנו עכשיו"),
        ("We add a bag of it to your next order.", ""),
        ("And 15% off the rest", "%"),
        ("Take SUMMER10 with you", "SUMMER10"),
        ("See https://shop.example/new", "https://shop.example/new"),
    ],
)
def test_what_sells_beside_a_gift_is_found(text, found):
    assert upsell_in(text) == found


def test_beside_a_discount_the_words_may_say_how_much_it_is():
    assert upsell_in("Here are 10% off.", beside_offer=True) == ""
    assert upsell_in("10% off, so upgrade", beside_offer=True) == "upgrade"
