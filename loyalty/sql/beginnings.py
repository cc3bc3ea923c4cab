"""Who became a customer so many days ago."""

from datetime import date, timedelta

from messaging.kinds import Due

# Month and day first: by those there is an index of all live customers
# (customer_since_day), and the days of a sweep are few.
_DUE = """
SELECT id, 'once', since_on + %s, jsonb_build_object('since', since_on)
FROM crm_customer
WHERE merged_into_id IS NULL AND erased_at IS NULL
  AND ((EXTRACT(MONTH FROM since_on) * 100) + EXTRACT(DAY FROM since_on))
      = ANY(%s::numeric[])
  AND since_on BETWEEN %s AND %s
"""


def due(first_on: date, last_on: date, shift: timedelta) -> Due:
    """Live customers whose mail is due from first to last; one row each."""
    first, last = first_on - shift, last_on - shift
    days = {
        day.month * 100 + day.day
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
    }
    return Due(_DUE, (shift.days, sorted(days), first, last))
