"""Who gets a campaign: everybody; planning asks for its audience."""

from datetime import date

from messaging.kinds import Due, Window

_DUE = """
SELECT id, 'once', %s::date, '{}'::jsonb FROM crm_customer
WHERE %s AND merged_into_id IS NULL AND erased_at IS NULL
"""


def due(on: date | None, window: Window) -> Due:
    """One row for each live customer if the day is in the window."""
    is_due = on is not None and window.first_on <= on <= window.last_on
    return Due(_DUE, (on, is_due))
