"""Names in many scripts: split, greeted, sorted, found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.names import (
    SORT_NAME_LENGTH,
    customer_search_text,
    fold,
    greeting_name,
    mask_email,
    normalise_email,
    search_text,
    search_words,
    sort_name,
    split_name,
)


@pytest.mark.parametrize(
    ("full", "given_name", "family_name"),
    [
        ("Jane Smith", "Jane", "Smith"),
        ("  Jane \t Smith ", "Jane", "Smith"),
        ("Smith, Jane", "Jane", "Smith"),
        ("Ludwig", "Ludwig", ""),
        ("Jan van der Berg", "Jan", "van der Berg"),
        ("Martin King Jr.", "Martin", "King Jr."),
        ("John Smith, Jr.", "John", "Smith, Jr."),
        ("Al Gore", "Al", "Gore"),
        ("Mrs Berg", "", "Mrs Berg"),
        ("王小明", "小明", "王"),
        ("欧阳娜娜", "娜娜", "欧阳"),
        ("山田 太郎", "太郎", "山田"),
        ("김민수", "민수", "김"),
        ("דנה לוי", "דנה", "לוי"),
        ("", "", ""),
        (" ", "", ""),
        (",", "", ""),
    ],
)
def test_full_name_is_split_as_its_script_does(full, given_name, family_name):
    assert split_name(full) == (given_name, family_name)


@pytest.mark.parametrize(
    ("given_name", "family_name", "greeting"),
    [
        ("Anna Maria", "Berg", "Anna"),
        ("Dr. Jane", "Berg", "Jane"),
        ("J. Anna", "Berg", "Anna"),
        ("A.", "Berg", "A. Berg"),
        ("", "Berg", "Berg"),
        ("小明", "王", "王小明"),
        ("", "", ""),
    ],
)
def test_greeting_uses_the_first_real_given_name(given_name, family_name, greeting):
    assert greeting_name(given_name, family_name) == greeting


def test_sort_name_leads_with_the_family_and_forgets_marks_and_case():
    assert sort_name("Zoë", "Ångström") == "angstrom zoe"


@pytest.mark.parametrize(
    ("stored", "query"),
    [
        ("Søren Kierkegård", "soren kierkegard"),
        ("Müller", "muller"),
        ("Müller", "MU\u0308LLER"),  # NFD
        ("Straße", "STRASSE"),
        ("O’Brien", "o'brien"),
        ("Łukasz", "lukasz"),
        ("ＡＢＣ", "abc"),
        ("Zero\u200bwidth", "zerowidth"),
        ("שָׁלוֹם", "שלום"),
        ("王小明", "小明"),
        ("한국", "한국"),
    ],
)
def test_a_name_is_found_however_it_is_typed(stored, query):
    text = search_text(stored)

    assert all(word in text for word in search_words(query))


def test_every_chinese_character_is_a_word_of_its_own():
    assert search_text("王小 Ltd") == "u738b u5c0f ltd"


def test_customer_is_found_by_name_organisation_and_number():
    text = customer_search_text("Anna", "Berg", "Tee & Co", "C-17")

    assert text == "anna berg tee & co c-17"


def test_a_query_of_a_thousand_words_is_cut():
    assert len(search_words(" ".join(map(str, range(1000))))) == 12


@given(st.text())
def test_folding_twice_is_folding_once_for_search(text):
    once = search_text(text)

    assert search_text(once) == once


@given(st.text(), st.text())
def test_computed_columns_never_overflow_or_hold_control_whitespace(first, second):
    assert len(sort_name(first, second)) <= SORT_NAME_LENGTH
    assert fold(first) == " ".join(fold(first).split())


@given(st.text(max_size=40))
def test_splitting_a_name_loses_no_word(full):
    parts = " ".join(split_name(full)).replace(",", " ").split()

    assert sorted("".join(parts)) == sorted("".join(full.replace(",", " ").split()))


@pytest.mark.parametrize(
    ("email", "norm"),
    [
        ("Anna@Example.ORG", "anna@example.org"),
        (" a+b@x.org ", "a+b@x.org"),
        ("İ@x.org", "İ@x.org"),  # a Turkish I is not i
        ("a@Müller.de", "a@xn--mller-kva.de"),
        ("", ""),
        ("nonsense", "nonsense"),
    ],
)
def test_addresses_are_compared_without_case(email, norm):
    assert normalise_email(email) == norm


@given(st.text(max_size=80))
def test_any_text_can_be_normalised_as_an_address(text):
    assert normalise_email(normalise_email(text)) == normalise_email(text)


def test_masked_address_shows_first_letter_and_domain():
    assert mask_email("dana@example.org") == "d•••@example.org"
    assert mask_email("") == ""
