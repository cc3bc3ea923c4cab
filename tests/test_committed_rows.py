"""Rows of a module are there for the tests that ask for them, and for no others."""

import pytest

from crm.models import Customer
from tests.committed import uncommitted_rows
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def customer(django_db_setup, django_db_blocker):
    with uncommitted_rows(django_db_blocker):
        yield CustomerFactory()


def test_rows_are_made_for_a_test_that_asks(customer):
    assert Customer.objects.get() == customer


def test_one_that_does_not_ask_finds_none_even_behind_one_that_does():
    assert not Customer.objects.exists()


def test_and_they_are_made_again(customer):
    assert Customer.objects.get() == customer
