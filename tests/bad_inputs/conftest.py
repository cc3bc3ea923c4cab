"""One small shop for all of it; each test finds it as it was made."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm.access import SCOPES
from crm.services import api_tokens, customers
from tests.committed import outbox_in, uncommitted_rows
from tests.journeys.support import small_shop


@pytest.fixture(scope="package")
def shop(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("journal")
    with outbox_in(folder), uncommitted_rows(django_db_blocker):
        yield small_shop(timezone.now())


@pytest.fixture
def owner(shop):
    client = Client(raise_request_exception=False)
    client.force_login(shop.owner)
    return client


@pytest.fixture
def stranger(shop):
    return Client(raise_request_exception=False)


@pytest.fixture
def api(shop):
    """A key for everything, and a customer that a shop system calls C1."""
    now = timezone.now() - timedelta(days=1)
    customers.create_customer(now=now, external_id="C1", given_name="Dana")
    _, key = api_tokens.issue(name="shop", scopes=list(SCOPES), now=now)
    return Client(
        headers={"Authorization": f"Bearer {key}"}, raise_request_exception=False
    )
