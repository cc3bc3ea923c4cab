"""Who gets a campaign: its audience, and no other customer is read."""

from datetime import date

from psycopg.sql import Composed

from messaging.kinds import Due, Window

_EVERYBODY = """
SELECT id FROM crm_customer WHERE merged_into_id IS NULL AND erased_at IS NULL
"""
_DUE = """
SELECT people.id, 'once', %s::date, '{{}}'::jsonb FROM ({people}) people WHERE {is_due}
"""


def due(on: date | None, window: Window, *, people: Composed | None) -> Due:
    """One row for each of these people (None: all) if the day is in the window."""
    is_due = on is not None and window.first_on <= on <= window.last_on
    inside = people.as_string(None).replace("%", "%%") if people else _EVERYBODY
    return Due(_DUE.format(people=inside, is_due="true" if is_due else "false"), (on,))
