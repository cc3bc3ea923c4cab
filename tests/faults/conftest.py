"""Faults need real commits and a kind that only tests know."""

from collections.abc import Iterator

import pytest

from tests.faults.mails import LONG
from tests.faults.shop import OwnShop, own_shop
from tests.messaging.plain_kind import PlainKind
from tests.messaging.small_kind import registered


@pytest.fixture
def plain_kind():
    with registered(PlainKind()) as kind:
        yield kind


@pytest.fixture
def short_waits(settings):
    settings.EMAIL_TIMEOUT = 2
    settings.EMAIL_DOT_TIMEOUT = 1
    settings.MAIL_LEASE_SECONDS = 3


@pytest.fixture(scope="package")
def shop(django_db_setup, django_db_blocker) -> Iterator[OwnShop]:
    """Ask for the mark django_db, too: the schema is that of the database of the
    tests."""
    with django_db_blocker.unblock(), own_shop(people=4000 if LONG else 600) as running:
        yield running
