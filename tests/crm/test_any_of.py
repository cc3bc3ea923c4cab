"""Many values as one parameter of a query."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Customer
from messaging.models import Message
from tests.factories import CustomerFactory, MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return [CustomerFactory(email=f"c{number}@example.org") for number in range(3)]


def test_the_same_rows_as_with_in(people):
    ids = [one.pk for one in people[:2]]
    emails = [one.email_norm for one in people[:2]]

    assert set(Customer.objects.filter(pk__any_of=ids)) == set(people[:2])
    assert set(Customer.objects.filter(email_norm__any_of=emails)) == set(people[:2])
    assert not Customer.objects.filter(pk__any_of=[]).exists()


def test_foreign_keys_bytes_and_exclude(people):
    first, second = (MessageFactory(customer=one) for one in people[:2])
    Message.objects.filter(pk=first.pk).update(address_hash=b"\x00'\\\xff")
    theirs = Message.objects.filter(customer_id__any_of={people[0].pk, people[1].pk})

    assert set(theirs) == {first, second}
    assert Message.objects.get(address_hash__any_of=[b"\x00'\\\xff", b"x"]) == first
    assert list(theirs.exclude(pk__any_of=[first.pk])) == [second]


def test_a_text_that_is_too_long_for_its_column_is_not_cut(people):
    cut = "x" * Customer._meta.get_field("external_id").max_length
    Customer.objects.filter(pk=people[0].pk).update(external_id=cut)

    assert not Customer.objects.filter(external_id__any_of=[cut + "y"]).exists()


def test_the_statement_does_not_grow_with_the_values():
    def length(count):
        with CaptureQueriesContext(connection) as seen:
            list(Customer.objects.filter(pk__any_of=range(count)).values_list("pk"))
        return seen[0]["sql"].count("ANY")

    assert length(2) == length(200) == 1
