"""One decision at a time about one address, however many records carry it.

The locks are of the transaction and end with it. A transaction that needs customers'
rows too locks those first. A claim never waits for either kind, so no transaction waits
for a claim that waits: there is no circle.
"""

from collections.abc import Collection

from django.db import connection

_LOCK = "SELECT pg_advisory_xact_lock(%s)"
_TRY = """
SELECT key FROM unnest(%s::bigint[]) AS wanted (key)
 WHERE pg_try_advisory_xact_lock(key)
"""


def lock(hashes: Collection[bytes]) -> None:
    """Wait for the locks of these addresses of one person, in one order for all."""
    with connection.cursor() as cursor:
        for key in sorted({_key(one) for one in hashes if one}):
            cursor.execute(_LOCK, [key])


def try_locks(hashes: Collection[bytes]) -> set[bytes]:
    """Those of these addresses whose lock was free; it is ours until the commit."""
    keys = {_key(one): one for one in sorted(hashes)}
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [list(keys)])
        ours = {key for (key,) in cursor.fetchall()}
    return {one for one in hashes if _key(one) in ours}


def _key(address_hash: bytes) -> int:
    return int.from_bytes(address_hash[:8], signed=True)
