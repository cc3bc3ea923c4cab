"""Addresses we never write to again, known only by a keyed hash.

The key is a random row of its own (`crm.models.AddressKey`), not SECRET_KEY: rotating
that must not forget the people who complained, and the hash of an erased address can
never be made again. Without the key the hashes reveal nothing, so no export holds it.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction

from crm.models import AddressKey
from crm.rules import names
from crm.services import audit, journal, keyed_hashes
from messaging.errors import ComplaintStands
from messaging.models import Suppression
from messaging.rules.choices import Category, SuppressionReason
from messaging.services import journal_rows

ALL = "all"
LASTING = frozenset({SuppressionReason.COMPLAINT, SuppressionReason.ERASED})


def address_hash(email: str) -> bytes:
    """The keyed hash of one address; empty bytes for no address."""
    return address_hashes([email])[email]


def address_hashes(emails: Collection[str]) -> dict[str, bytes]:
    """Address to keyed hash, with one query for the key."""
    key = address_key()
    return {email: hashed(email, key) for email in emails}


def hashed(email: str, key: bytes) -> bytes:
    """The keyed hash of an address, after it is normalised."""
    return keyed_hashes.hashed(names.normalise_email(email), key)


def address_key() -> bytes:
    """The key behind the hashes of the list; never a new one beside old hashes."""
    row = AddressKey.objects.first()
    if row is not None:
        return bytes(row.key)
    if Suppression.objects.exists():
        raise RuntimeError("The address key is missing: restore crm_addresskey.")
    return keyed_hashes.address_key()


def unreachable(emails: Collection[str]) -> set[str]:
    """Those of the addresses at which also an answer is not taken: mail to them came
    back, or staff blocked them."""
    hashes = address_hashes(emails)
    rows = suppressed(hashes.values())
    return {
        email
        for email, known in hashes.items()
        if any(
            row.scope in (ALL, Category.TRANSACTIONAL.value)
            and SuppressionReason(row.reason) not in LASTING
            for row in rows.get(known, ())
        )
    }


@transaction.atomic
def suppress(
    email_hash: bytes,
    *,
    reason: SuppressionReason,
    now: datetime,
    scope: Category | None = None,
) -> bool:
    """Put a hash on the list. False: there already. A complaint outlives a bounce."""
    if not email_hash:
        return False
    standing = _standing(email_hash, scope)
    if standing and outranks(SuppressionReason(standing.reason), reason):
        return False
    if standing:
        Suppression.objects.filter(pk=standing.pk).update(lifted_at=now)
    row, made = Suppression.objects.get_or_create(
        address_hash=email_hash,
        scope=scope.value if scope else ALL,
        lifted_at=None,
        defaults={"reason": reason.value, "at": now},
    )
    journal.record(
        journal_rows.SUPPRESSED, journal_rows.suppressed(row, email_hash), now=now
    )
    audit.record("address.suppressed", f"suppression:{row.pk}", now=now)
    return made


@transaction.atomic
def lift(email_hash: bytes, *, now: datetime, scope: Category | None = None) -> bool:
    """Staff may lift a bounce or their own block, never a complaint or an erasure."""
    standing = _standing(email_hash, scope)
    if standing is None:
        return False
    if standing.reason in LASTING:
        raise ComplaintStands
    Suppression.objects.filter(pk=standing.pk).update(lifted_at=now)
    audit.record("address.lifted", f"suppression:{standing.pk}", now=now)
    return True


@transaction.atomic
def lift_withdrawn(
    email_hash: bytes, *, categories: Collection[Category], now: datetime
) -> None:
    """Anyone who had opted out here agrees again, in their own words."""
    rows = Suppression.objects.filter(
        address_hash=email_hash,
        scope__in=[category.value for category in categories],
        reason=SuppressionReason.WITHDRAWN.value,
        lifted_at=None,
    )
    for row in rows.select_for_update():
        Suppression.objects.filter(pk=row.pk).update(lifted_at=now)
        audit.record("address.lifted", f"suppression:{row.pk}", now=now)


def suppressed(hashes: Iterable[bytes]) -> Mapping[bytes, list[Suppression]]:
    """What stands on the list about these hashes."""
    found: dict[bytes, list[Suppression]] = {}
    wanted = {one for one in hashes if one}
    if not wanted:
        return found
    for row in Suppression.objects.filter(address_hash__any_of=wanted, lifted_at=None):
        found.setdefault(bytes(row.address_hash), []).append(row)
    return found


def _standing(email_hash: bytes, scope: Category | None) -> Suppression | None:
    return (
        Suppression.objects.select_for_update()
        .filter(
            address_hash=email_hash,
            scope=scope.value if scope else ALL,
            lifted_at=None,
        )
        .first()
    )


def outranks(standing: SuppressionReason, new: SuppressionReason) -> bool:
    """Whether what stands on the list is as lasting as what would replace it."""
    return standing in LASTING or new not in LASTING
