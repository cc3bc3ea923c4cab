"""Opening a follow-up once per source, in one statement."""

from collections.abc import Mapping
from typing import Any

from crm.sql.prepared import first_row

OPEN = b"""
    INSERT INTO crm_followup (customer_id, why, source_key, assignee_id, due_on, due_at,
        state, is_urgent, created_at, outcome, version)
    VALUES (%(customer_id)s, %(why)s, %(source_key)s, %(assignee_id)s, %(due_on)s,
        %(due_at)s, %(state)s, %(is_urgent)s, %(created_at)s, %(outcome)s, %(version)s)
    ON CONFLICT (source_key) DO NOTHING
    RETURNING id
"""


def open_once(values: Mapping[str, Any]) -> int | None:
    """Its id; None where this source has one already."""
    row = first_row(OPEN, values)
    return row[0] if row else None
