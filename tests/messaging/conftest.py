"""A kind of the tests' own, registered while they run."""

import pytest

from tests.messaging.plain_kind import PlainKind
from tests.messaging.small_kind import SmallKind, registered


@pytest.fixture
def small_kind():
    with registered(SmallKind()) as kind:
        yield kind


@pytest.fixture
def plain_kind():
    with registered(PlainKind()) as kind:
        yield kind
