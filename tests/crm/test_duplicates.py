"""Records that look like one person are found, with reasons; others are not."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from crm.errors import SameCustomer
from crm.models import AuditEntry, Customer, DifferentPeople, LikelyPair
from crm.rules.likeness import MOST_ALIKE, MOST_SHARING, NEAR, Likeness, strength
from crm.services import customers, duplicates, merging
from crm.tasks import find_duplicates
from tests.factories import NOW, CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db
L = Likeness
ONLY_HERE = {"email": "", "phone_text": "", "phone_e164": "", "organisation": ""}


def person(given="Ana", family="Berg", seconds=(), **facts):
    """A record with these facts and none of the factory's. `seconds`: further addresses
    and numbers in the form in which they are compared."""
    facts = {"email_norm": facts.get("email", ""), **ONLY_HERE, **facts}
    made = CustomerFactory(given_name=given, family_name=family, **facts)
    customers.refresh_search(made)
    made.save()
    for norm in seconds:
        kind = "email" if "@" in norm else "phone"
        made.addresses.create(kind=kind, value=norm, norm=norm, created_at=NOW)
    return made


def born(month, day, year=None):
    return {"birth_month": month, "birth_day": day, "birth_year": year}


def pairs():
    duplicates.refresh(now=NOW)
    return {
        (pair.first_id, pair.second_id): (
            set(duplicates.ordered(pair.reasons)), pair.is_exact
        )
        for pair in LikelyPair.objects.all()
    }  # fmt: skip


# Two people, why they look alike (nothing: they do not), and whether nothing is left to
# doubt.
ALIKE = {
    "same address": (
        {"given": "Tom", "email": "a@x.org"}, {"given": "Ina", "email": "a@x.org"},
        {L.EMAIL}, False,
    ),
    "same address and name": (
        {"email": "a@x.org"}, {"email": "a@x.org"}, {L.EMAIL, L.NAME}, True,
    ),
    "another accent": (
        {"given": "Ána", "email": "a@x.org"}, {"given": "ANA", "email": "a@x.org"},
        {L.EMAIL, L.NAME}, True,
    ),
    "same address, another birthday": (
        {"email": "a@x.org", **born(5, 1)}, {"email": "a@x.org", **born(5, 2)},
        {L.EMAIL, L.NAME}, False,
    ),
    "same address, another year of birth": (
        {"email": "a@x.org", **born(5, 1, 1950)},
        {"email": "a@x.org", **born(5, 1, 1980)},
        {L.EMAIL, L.NAME}, False,
    ),
    "same phone": (
        {"phone_e164": "+4930123"}, {"given": "Tom", "phone_e164": "+4930123"},
        {L.PHONE}, False,
    ),
    "same phone and name": (
        {"phone_e164": "+4930123"}, {"phone_e164": "+4930123"},
        {L.PHONE, L.NAME}, True,
    ),
    "same phone and name, two addresses": (
        {"phone_e164": "+4930123", "email": "a@x.org"},
        {"phone_e164": "+4930123", "email": "b@x.org"},
        {L.PHONE, L.NAME}, False,
    ),
    "the second address of one is the chief one of the other": (
        {"email": "a@x.org", "seconds": ["b@x.org"]}, {"email": "b@x.org"},
        {L.EMAIL, L.NAME}, False,
    ),
    "the same second address, one chief one": (
        {"email": "a@x.org", "seconds": ["c@x.org"]}, {"seconds": ["c@x.org"]},
        {L.EMAIL, L.NAME}, True,
    ),
    "two addresses in common": (
        {"email": "a@x.org", "seconds": ["b@x.org", "c@x.org"]},
        {"email": "b@x.org", "seconds": ["a@x.org", "c@x.org"]},
        {L.EMAIL, L.NAME}, False,
    ),
    "a second one that has become the chief one": (
        {"email": "a@x.org", "seconds": ["a@x.org"]}, {"email": "a@x.org"},
        {L.EMAIL, L.NAME}, True,
    ),
    "the second number of one is the chief one of the other": (
        {"seconds": ["+4930123"]}, {"given": "Tom", "phone_e164": "+4930123"},
        {L.PHONE}, False,
    ),
    "numbers that no country completes": (
        {"seconds": ["030123"]}, {"seconds": ["030123"]}, None, False,
    ),
    "near name, same postcode": (
        {"given": "Ana", "postcode": "SW1A 1AA"},
        {"given": "Anna", "postcode": "sw1a1aa"},
        {L.POSTCODE}, False,
    ),
    "near name, another postcode": (
        {"given": "Ana", "postcode": "10115"}, {"given": "Anna", "postcode": "10117"},
        None, False,
    ),
    "same postcode, another name": (
        {"given": "Ana", "postcode": "10115"}, {"given": "Tom", "postcode": "10115"},
        None, False,
    ),
    "same postcode, another year of birth": (
        {"postcode": "10115", **born(1, 1, 1950)},
        {"postcode": "10115", **born(1, 1, 1980)},
        None, False,
    ),
    "same company, another year of birth": (
        {"organisation": "Tee", **born(1, 1, 1950)},
        {"organisation": "Tee", **born(2, 2, 1980)},
        None, False,
    ),
    "near name, same birthday": (
        {"given": "Ana", **born(5, 12)}, {"given": "Anna", **born(5, 12, 1980)},
        {L.BIRTHDAY}, False,
    ),
    "names the other way round": (
        {"given": "Berg", "family": "Ana", **born(5, 12)}, born(5, 12),
        {L.BIRTHDAY}, False,
    ),
    "near name, same company": (
        {"given": "Ana", "organisation": "Tee GmbH"},
        {"given": "Anna", "organisation": "TEE gmbh"},
        {L.COMPANY}, False,
    ),
    "in Hebrew": (
        {"given": "יעל", "family": "ביטון", **born(1, 2)},
        {"given": "יעלה", "family": "ביטון", **born(1, 2)},
        {L.BIRTHDAY}, False,
    ),
    "in Chinese": (
        {"given": "伟", "family": "王", **born(1, 2)},
        {"given": "伟", "family": "王", **born(1, 2)},
        {L.BIRTHDAY, L.NAME}, False,
    ),
    "brother and sister": (
        {"given": "Ana", **born(5, 12)}, {"given": "Tom", **born(5, 12)}, None, False,
    ),
    "another year of birth": (
        {"given": "Ana", **born(5, 12, 1950)}, {"given": "Ana", **born(5, 12, 1980)},
        None, False,
    ),
    "the name alone": ({}, {}, None, False),
    "nothing at all": (
        {"given": "", "family": ""}, {"given": "", "family": ""}, None, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ALIKE)
def test_pairs_are_found_with_their_reasons(case):
    one, other, reasons, is_exact = ALIKE[case]
    first, second = person(**one), person(**other)

    expected = {(first.pk, second.pk): (reasons, is_exact)} if reasons else {}
    assert pairs() == expected
    found = duplicates.lookalikes(second)
    assert [(like.customer.pk, set(like.reasons)) for like in found] == (
        [(first.pk, reasons)] if reasons else []
    )


def test_the_likeliest_come_first_and_the_list_knows_their_strength():
    new = person(email="a@x.org", phone_e164="+4930123")
    weak = person(given="Tom", email="a@x.org")
    strong = person(email="a@x.org", phone_e164="+4930123")

    found = duplicates.lookalikes(new)
    pairs()

    assert [like.customer.pk for like in found] == [strong.pk, weak.pk]
    pair = LikelyPair.objects.get(first=new, second=strong)
    assert pair.strength == strength([L.EMAIL, L.PHONE, L.NAME]) == 11


def test_an_address_of_an_office_is_no_reason():
    for number in range(MOST_SHARING + 1):
        person(given=f"Person{number}", family=f"N{number}x", email="office@x.org")

    assert pairs() == {}


def test_a_company_of_hundreds_with_like_names_is_left_out():
    customers_of = [
        Customer(external_id=f"X{number}", sort_name=f"berg ana{number}",
                 organisation="n/a", created_at=NOW, updated_at=NOW)
        for number in range(MOST_ALIKE + 1)
    ]  # fmt: skip
    Customer.objects.bulk_create(customers_of)

    assert pairs() == {}


# Letters of three scripts, so that trigrams are kept as letters and as hashes.
MIXED = ("ana", "anna", "anat", "berg", "bergmann", "bergman", "דנה", "דניאל", "王小明",
         "王小", "öz", "özdemir", "o'neil", "oneil", "!", "maximilian")  # fmt: skip
EACH_TWO = """
SELECT a.id, b.id FROM crm_customer a JOIN crm_customer b ON a.id < b.id
WHERE similarity(a.sort_name, b.sort_name) >= %s
    AND EXISTS (SELECT left(word, 2) FROM unnest(string_to_array(a.sort_name, ' ')) word
        INTERSECT
        SELECT left(word, 2) FROM unnest(string_to_array(b.sort_name, ' ')) word)
"""


def test_whoever_is_left_out_before_letters_are_compared_is_far_apart():
    Customer.objects.bulk_create(
        Customer(external_id=name, sort_name=name, **born(4, 2),
                 created_at=NOW, updated_at=NOW)
        for name in {f"{one} {other}" for one in MIXED for other in MIXED}
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(EACH_TWO, [NEAR])
        expected = set(cursor.fetchall())

    assert len(expected) > 500
    assert set(pairs()) == expected


def test_a_search_forgets_what_is_no_longer_so():
    first, second = person(email="a@x.org"), person(email="a@x.org")
    assert len(pairs()) == 1
    Customer.objects.filter(pk=second.pk).update(email="", email_norm="", **born(1, 1))
    Customer.objects.filter(pk=first.pk).update(**born(1, 1))

    duplicates.refresh(now=NOW + timedelta(hours=1))

    pair = LikelyPair.objects.get()
    assert set(pair.reasons) == {"birthday", "name"}
    assert not pair.is_exact


def test_merged_and_erased_records_are_no_ones_double():
    kept, gone = person(email="a@x.org"), person(email="a@x.org")
    merging.merge(kept, gone, now=NOW)

    assert pairs() == {}
    assert duplicates.lookalikes(kept) == []


def test_not_the_same_is_remembered():
    first, second = person(email="a@x.org"), person(email="a@x.org")
    pairs()
    kim = UserFactory()

    for one, other in ((second, first), (first, second)):
        duplicates.say_different(one, other, by=kim, now=NOW)

    assert not LikelyPair.objects.exists()
    assert pairs() == {}
    assert duplicates.lookalikes(first) == duplicates.lookalikes(second) == []
    assert AuditEntry.objects.filter(action="customer.said_different").count() == 2
    duplicates.take_back_different(first, second, now=NOW)
    assert len(pairs()) == 1


def test_what_was_said_of_a_record_holds_for_the_one_it_was_merged_into():
    first, second = person(email="a@x.org"), person(email="a@x.org")
    third = person(given="Zoe", family="Other", email="z@x.org")
    duplicates.say_different(first, second, by=UserFactory(), now=NOW)
    merging.merge(third, first, now=NOW)
    Customer.objects.filter(pk=third.pk).update(email_norm="a@x.org")
    third.refresh_from_db()

    assert pairs() == {}
    assert duplicates.lookalikes(third) == duplicates.lookalikes(second) == []
    assert duplicates.reasons_for(third, second) == []


def test_a_record_is_not_another_person_than_itself():
    ana = person()

    with pytest.raises(SameCustomer):
        duplicates.say_different(ana, ana, by=UserFactory(), now=NOW)


def test_the_task_finds_the_same_rows_twice():
    person(email="a@x.org")
    person(email="a@x.org")

    assert [find_duplicates(), find_duplicates()] == [1, 1]


@pytest.mark.parametrize("model", [LikelyPair, DifferentPeople])
def test_a_pair_stands_in_one_order(model):
    first, second = person(), person()
    more = (
        {"reasons": ["email"], "strength": 4, "found_at": NOW}
        if model is LikelyPair
        else {"said_at": NOW}
    )

    with pytest.raises(IntegrityError, match="in_order"):
        model.objects.create(first=second, second=first, **more)
