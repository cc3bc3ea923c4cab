"""Statements that are put together once find what Django finds."""

from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session

from crm.models import Business, Customer, User
from web.fixed_queries import FixedQuery

pytestmark = pytest.mark.django_db


def test_a_row_is_the_one_that_django_finds(django_assert_num_queries):
    other = Business.objects.get(pk=1)
    by_key = FixedQuery(lambda: Business.objects.filter(pk=7))

    with django_assert_num_queries(1):
        found = by_key.one(1)

    assert found == other
    assert type(found) is Business
    names = [field.attname for field in Business._meta.concrete_fields]
    assert [getattr(found, name) for name in names] == [
        getattr(other, name) for name in names
    ]
    assert not found._state.adding
    assert by_key.one(2) is None


def test_columns_of_json_come_back_as_they_were_written():
    customer = Customer.objects.create(external_id="1", custom={"a": [1, "b"]})

    found = FixedQuery(lambda: Customer.objects.filter(pk=0)).one(customer.pk)

    assert found.custom == {"a": [1, "b"]}


def test_values_come_in_the_order_of_the_alphabet():
    for number, key in enumerate("ab"):
        Session.objects.create(
            session_key=key, expire_date=datetime(2026, 11, 1 + number, tzinfo=UTC)
        )
    query = FixedQuery(
        lambda: Session.objects.filter(
            session_key="", expire_date__gt=datetime(2000, 1, 1, tzinfo=UTC)
        )
    )

    assert query.one(datetime(2026, 11, 1, 12, tzinfo=UTC), "b").session_key == "b"
    assert query.one(datetime(2026, 11, 1, 12, tzinfo=UTC), "a") is None


def test_joined_rows_are_refused():
    with pytest.raises(AssertionError):
        FixedQuery(lambda: Customer.objects.select_related("owner")).rows()


def test_a_change_is_read_at_once():
    query = FixedQuery(lambda: User.objects.filter(pk=0))
    user = User.objects.create(email="a@shop.example", name="A", role="owner")
    assert query.one(user.pk).name == "A"

    User.objects.filter(pk=user.pk).update(name="B")

    assert query.one(user.pk).name == "B"
