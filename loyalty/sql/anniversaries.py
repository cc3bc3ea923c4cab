"""Who has an anniversary, found by the index on month and day."""

from collections.abc import Sequence
from datetime import date, timedelta

from loyalty.rules.anniversary import Falls
from messaging.kinds import Due

# Both times as in the index customer_since_day, to the letter: else it is not used. And
# repeated, since for a join alone the planner reads all rows and works out each key.
_DUE = """
SELECT customer.id, to_char(day.fell_on, 'YYYY'), day.due_on,
       jsonb_build_object('since', customer.since_on, 'on', day.fell_on)
FROM unnest(%s::numeric[], %s::date[], %s::date[], %s::date[])
    AS day (key, fell_on, due_on, year_began)
JOIN crm_customer customer
    ON (EXTRACT(MONTH FROM customer.since_on) * 100)
        + EXTRACT(DAY FROM customer.since_on) = day.key
WHERE (EXTRACT(MONTH FROM customer.since_on) * 100)
        + EXTRACT(DAY FROM customer.since_on) = ANY(%s::numeric[])
  AND customer.merged_into_id IS NULL AND customer.erased_at IS NULL
  AND customer.since_on < day.year_began
"""


def due(days: Sequence[Falls], shift: timedelta) -> Due:
    """One row for each live customer who began on one of these, in an earlier year."""
    keys = [day.key for day in days]
    return Due(
        _DUE,
        (
            keys,
            [day.on for day in days],
            [day.on + shift for day in days],
            [date(day.on.year, 1, 1) for day in days],
            keys,
        ),
    )
