"""Names in many scripts: split, greeted, sorted, found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.names import (
    SORT_NAME_LENGTH,
    fold,
    greeting_name,
    mask_email,
    normalise_email,
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
