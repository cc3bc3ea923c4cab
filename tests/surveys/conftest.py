"""What the tests of the surveys share: the shop, a link, the state of all tables."""

import hashlib

import pytest
from django.apps import apps
from django.db import connection

from crm.models import Business
from messaging.rules.choices import Purpose
from messaging.services import links
from surveys.kinds.mails import link_to
from tests.factories import NOW, InvitationFactory


@pytest.fixture
def shop(db):
    """Flushed away by tests that commit; otherwise there from the first migration."""
    business, _ = Business.objects.update_or_create(
        pk=1,
        defaults={
            "name": "Kettle & Leaf",
            "time_zone": "UTC",
            "country": "GB",
            "language": "en",
            "assumed_delivery_days": 4,
        },
    )
    return business


@pytest.fixture
def invitation(shop):
    return InvitationFactory()


@pytest.fixture
def url_of(shop, time_machine):
    """The address of the page for an invitation, at NOW."""
    time_machine.move_to(NOW, tick=False)

    def make(invitation):
        link = link_to(invitation)
        assert link.purpose is Purpose.SURVEY
        token = links.make(
            link, customer_id=invitation.customer_id, message_id=invitation.message_id
        )
        return f"/s/{token}/"

    return make


def everything_stored():
    """A hash of every row of every table, whatever its order."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for model in sorted(apps.get_models(), key=lambda model: model._meta.db_table):
            cursor.execute(
                "SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text))"
                f' FROM "{model._meta.db_table}" t'
            )
            digest.update(str(cursor.fetchone()[0]).encode())
    return digest.hexdigest()
