"""Who takes part in the journeys."""

import pytest
from django.test import Client

from tests.factories import UserFactory


@pytest.fixture
def staff(db):
    """The owner's browser."""
    client = Client()
    client.force_login(UserFactory(role="owner", name="Noa"))
    return client


@pytest.fixture
def customer():
    """A browser that has never seen us, as strict as they come."""
    return Client(enforce_csrf_checks=True)
