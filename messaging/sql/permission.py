"""What a claim asks about all its customers: planned once, not for every group."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from psycopg.sql import SQL, Literal

from crm.sql import prepared
from messaging.rules.choices import COUNTED

_LAST_WORDS = b"""
SELECT DISTINCT ON (customer_id, category) customer_id, category, granted, at, how
FROM messaging_consent
WHERE customer_id = ANY(%(customers)s::bigint[])
  AND (%(as_of)s::timestamptz IS NULL OR at <= %(as_of)s::timestamptz)
ORDER BY customer_id, category, id DESC
"""

# The states as in the condition of the index message_budget: else it is not used.
_COUNTED = (
    SQL("""
SELECT id, customer_id, category, counted_at, is_reminder
FROM messaging_message
WHERE customer_id = ANY(%(customers)s::bigint[])
  AND state IN ({states})
  AND counted_at > %(since)s::timestamptz
  AND (%(as_of)s::timestamptz IS NULL OR counted_at <= %(as_of)s::timestamptz)
""")
    .format(states=SQL(", ").join(Literal(state.value) for state in sorted(COUNTED)))
    .as_bytes()
)


def last_words(
    customer_ids: Collection[int], as_of: datetime | None
) -> list[tuple[Any, ...]]:
    """(customer, category, granted, at, how): the newest row of each."""
    values = {"customers": list(customer_ids), "as_of": as_of}
    return prepared.rows(_LAST_WORDS, values)


def counted(
    customer_ids: Collection[int], since: datetime, as_of: datetime | None
) -> list[tuple[Any, ...]]:
    """(message, customer, category, counted at, is a reminder)."""
    values = {"customers": list(customer_ids), "since": since, "as_of": as_of}
    return prepared.rows(_COUNTED, values)
