"""Why a review waits, and what stars add up to."""

import time
from decimal import Decimal

import pytest

from feedback.choices import HeldReason
from feedback.rules import needs_recovery, summarise, why_held


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Lovely coffee, arrived in 2 days.", HeldReason.FIRST_READ),
        ("", HeldReason.FIRST_READ),
        ("5 stars for 250 g at 12.50", HeldReason.FIRST_READ),
        ("see https://evil.example/x", HeldReason.HAS_LINK),
        ("see WWW.evil.example", HeldReason.HAS_LINK),
        ("cheaper at beans.shop", HeldReason.HAS_LINK),
        ("cheaper at ｂｅａｎｓ．ｃｏｍ", HeldReason.HAS_LINK),
        ("cheaper at bea\u200bns.com", HeldReason.HAS_LINK),
        ("write to dana@example.org", HeldReason.HAS_EMAIL),
        ("write to dana＠example.org", HeldReason.HAS_EMAIL),
        ("call +972 (52) 123-4567", HeldReason.HAS_PHONE),
        ("call ０５２１２３４５６７", HeldReason.HAS_PHONE),
    ],
)
def test_what_stands_in_the_words_shows_why_it_is_held(text, reason):
    assert why_held(text) is reason


def test_an_address_in_the_name_counts_too():
    assert why_held("Good", "dana@example.org") is HeldReason.HAS_EMAIL


@pytest.mark.parametrize("letter", ["a", "1", "@", "a.", "a@", "1 ", "www", "-"])
def test_no_text_makes_the_patterns_slow(letter):
    started = time.process_time()

    why_held(letter * (200_000 // len(letter)))

    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("stars", "opens"), [(1, True), (2, True), (3, False), (5, False)]
)
def test_one_or_two_stars_ask_for_recovery(stars, opens):
    assert needs_recovery(stars) is opens


def test_no_reviews_have_no_average():
    summary = summarise({})

    assert (summary.total, summary.average, summary.missing) == (0, None, 10)


def test_nine_reviews_are_not_enough_for_an_average():
    assert summarise({5: 9}).average is None


def test_ten_reviews_give_a_range_and_no_single_number():
    # By hand with one 1 and one 5 added: 12 answers, mean 52/12 = 4.333, squares
    # 14.667, half = 1.96 * sqrt(14.667 / 11 / 12) = 0.653.
    summary = summarise({5: 6, 4: 4})

    assert (summary.average, summary.low, summary.high) == (
        Decimal("4.6"),
        Decimal("3.7"),
        Decimal("5.0"),
    )
    assert not summary.is_sure


def test_thirty_reviews_are_enough_for_one_number():
    assert summarise({5: 30}).is_sure


def test_the_same_stars_from_all_still_leave_doubt():
    summary = summarise({5: 30})

    assert summary.average == Decimal("5.0")
    assert summary.low < Decimal("5.0")


def test_counts_keep_the_order_of_the_stars():
    assert summarise({1: 2, 5: 7}).counts == (2, 0, 0, 0, 7)
