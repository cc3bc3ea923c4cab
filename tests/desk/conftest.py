"""A member of staff at their desk, at one moment."""

from datetime import UTC, datetime

import pytest
import time_machine

from crm.services import customers

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def noa(db):
    return sign_up("noa", "agent")


@pytest.fixture
def desk(client, noa):
    client.force_login(noa)
    return client


@pytest.fixture
def dana(db):
    return make_customer("Dana", "Levi")


def sign_up(name, role):
    from tests.factories import UserFactory

    return UserFactory(email=f"{name}@shop.example", name=name.title(), role=role)


def make_customer(given="", family="", **more):
    facts = {"mail_ground": "They asked us to keep in touch", **more}
    return customers.create_customer(
        now=NOW, given_name=given, family_name=family, **facts
    )
