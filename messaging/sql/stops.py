"""A stop of an automation waits for the claims that are at work on it.

The locks are of the transaction. A claim shares its own and never waits for one that is
being stopped: it leaves that mail to the next pass, which sees that it was stopped.
"""

from collections.abc import Collection

from django.db import connection

# The first half of the key; addresses have keys of one half (messaging/sql/addresses).
_STOPS = 7_301
_LOCK = "SELECT pg_advisory_xact_lock(%s, %s)"
_SHARE = """
SELECT id FROM unnest(%s::int[]) AS wanted (id)
 WHERE pg_try_advisory_xact_lock_shared(%s, id)
"""


def lock(automation_id: int) -> None:
    """Wait until no claim of this automation is open; none begins before the commit."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [_STOPS, automation_id])


def share(automation_ids: Collection[int]) -> set[int]:
    """Those of these automations that nobody is stopping at this moment."""
    if not automation_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_SHARE, [sorted(automation_ids), _STOPS])
        return {pk for (pk,) in cursor.fetchall()}
