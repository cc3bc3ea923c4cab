"""Faults need real commits and a kind that only tests know."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

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
    # More than answer in all tests together on a fast machine, some 150 a second.
    people = 40_000 if LONG else 6_000
    with django_db_blocker.unblock(), own_shop(people) as running:
        yield running


@pytest.fixture
def place():
    """Short, and open to the account of the server."""
    folder = Path(tempfile.mkdtemp(prefix="perennial-disk-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
