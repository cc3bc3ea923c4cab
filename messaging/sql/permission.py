"""What a claim asks about all its customers: planned once, not for every group."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from psycopg.sql import SQL, Literal

from crm.sql import prepared
from messaging.rules.choices import COUNTED

_LAST_WORDS = b"""
(SELECT DISTINCT ON (customer_id, category)
        NULL::bytea, category, id, customer_id, granted, at, how, wording_version
 FROM messaging_consent
 WHERE customer_id = ANY(%(customers)s::bigint[])
   AND (%(as_of)s::timestamptz IS NULL OR at <= %(as_of)s::timestamptz)
 ORDER BY customer_id, category, id DESC)
UNION ALL
(SELECT DISTINCT ON (address_hash, category)
        address_hash, category, id, customer_id, granted, at, how, wording_version
 FROM messaging_consent
 WHERE address_hash = ANY(%(hashes)s::bytea[])
   AND (%(as_of)s::timestamptz IS NULL OR at <= %(as_of)s::timestamptz)
 ORDER BY address_hash, category, id DESC)
"""

# The states as in the condition of the index message_budget: else it is not used.
_COUNTED = (
    SQL("""
SELECT id, customer_id, address_hash, kind, category, counted_at, is_reminder
FROM messaging_message
WHERE customer_id = ANY(%(customers)s::bigint[])
  AND state IN ({states})
  AND counted_at > %(since)s::timestamptz
  AND (%(as_of)s::timestamptz IS NULL OR counted_at <= %(as_of)s::timestamptz)
UNION
SELECT id, customer_id, address_hash, kind, category, counted_at, is_reminder
FROM messaging_message
WHERE address_hash = ANY(%(hashes)s::bytea[])
  AND customer_id IS NOT NULL
  AND state IN ({states})
  AND counted_at > %(since)s::timestamptz
  AND (%(as_of)s::timestamptz IS NULL OR counted_at <= %(as_of)s::timestamptz)
""")
    .format(states=SQL(", ").join(Literal(state.value) for state in sorted(COUNTED)))
    .as_bytes()
)


def last_words(
    customer_ids: Collection[int],
    hashes: Collection[bytes],
    as_of: datetime | None,
) -> list[tuple[Any, ...]]:
    """(None or address hash, category, id, customer, granted, at, how, wording): the
    newest row of each customer and of each address."""
    values = {
        "customers": list(customer_ids),
        "hashes": [one for one in hashes if one],
        "as_of": as_of,
    }
    return prepared.rows(_LAST_WORDS, values)


def counted(
    customer_ids: Collection[int],
    hashes: Collection[bytes],
    since: datetime,
    as_of: datetime | None,
) -> list[tuple[Any, ...]]:
    """(message, customer, address hash, kind, category, counted at, is a reminder) of
    these customers and of everybody at these addresses."""
    values = {
        "customers": list(customer_ids),
        "hashes": [one for one in hashes if one],
        "since": since,
        "as_of": as_of,
    }
    return prepared.rows(_COUNTED, values)
