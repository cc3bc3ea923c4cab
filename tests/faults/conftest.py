"""Faults need real commits and a kind that only tests know."""

import pytest

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
