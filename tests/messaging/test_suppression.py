"""Addresses we never write to, known only by a keyed hash."""

from datetime import UTC, datetime

import pytest

from crm.models import AddressKey
from messaging.errors import ComplaintStands
from messaging.models import Suppression
from messaging.rules.choices import SuppressionReason
from messaging.services import suppression

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BOUNCE, COMPLAINT = SuppressionReason.BOUNCE, SuppressionReason.COMPLAINT
ERASED = SuppressionReason.ERASED


def hashed(db=None):
    return suppression.address_hash("dana@example.org")


def standing():
    return [
        (row.reason, row.scope) for row in Suppression.objects.filter(lifted_at=None)
    ]


def test_one_address_is_one_hash_however_it_is_written(db):
    assert suppression.address_hash(" DANA@Example.ORG ") == hashed()
    assert suppression.address_hash("dana+x@example.org") != hashed()
    assert len(hashed()) == 32


def test_no_address_has_no_hash(db):
    assert suppression.address_hash("") == b""
    assert not suppression.suppress(b"", reason=BOUNCE, now=NOW)


def test_the_hash_does_not_depend_on_the_secret_key(db, settings):
    before = hashed()
    settings.SECRET_KEY = "another-" + "y" * 50

    assert hashed() == before


def test_every_installation_has_a_key_of_its_own(db):
    before = hashed()
    AddressKey.objects.all().delete()

    assert hashed() != before


def test_a_lost_key_is_never_replaced_beside_hashes_of_the_old_one(db):
    suppression.suppress(hashed(), reason=BOUNCE, now=NOW)
    AddressKey.objects.all().delete()

    with pytest.raises(RuntimeError, match="address key"):
        hashed()


def test_twice_is_once(db):
    first = suppression.suppress(hashed(), reason=BOUNCE, now=NOW)
    second = suppression.suppress(hashed(), reason=BOUNCE, now=NOW)

    assert (first, second) == (True, False)
    assert standing() == [("bounce", "all")]


def test_a_complaint_outlives_a_bounce(db):
    suppression.suppress(hashed(), reason=BOUNCE, now=NOW)
    suppression.suppress(hashed(), reason=COMPLAINT, now=NOW)
    suppression.suppress(hashed(), reason=BOUNCE, now=NOW)

    assert standing() == [("complaint", "all")]


def test_staff_may_lift_a_bounce(db):
    suppression.suppress(hashed(), reason=BOUNCE, now=NOW)

    assert suppression.lift(hashed(), now=NOW)
    assert not suppression.lift(hashed(), now=NOW)
    assert standing() == []


@pytest.mark.parametrize("reason", [COMPLAINT, ERASED])
def test_no_one_lifts_a_complaint_or_an_erasure(db, reason):
    suppression.suppress(hashed(), reason=reason, now=NOW)

    with pytest.raises(ComplaintStands):
        suppression.lift(hashed(), now=NOW)
