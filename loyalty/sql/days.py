"""Who has a day that is the same for everybody, or stands in a field of their own."""

from collections.abc import Sequence
from datetime import date, timedelta

from messaging.kinds import Due

_EVERYBODY = """
SELECT customer.id, day.occurrence, day.due_on, jsonb_build_object('on', day.fell_on)
FROM unnest(%s::text[], %s::date[], %s::date[]) AS day (occurrence, fell_on, due_on)
CROSS JOIN crm_customer customer
WHERE customer.merged_into_id IS NULL AND customer.erased_at IS NULL
"""
# OFFSET 0: each value is looked up in the index customer_custom; joined freely, the
# planner reads all customers for each of them.
_FIELD = """
SELECT found.id, day.occurrence, day.due_on,
       jsonb_build_object('on', day.fell_on, 'field', %s::bigint, 'once', %s::bool)
FROM unnest(%s::text[], %s::text[], %s::date[], %s::date[])
    AS day (held, occurrence, fell_on, due_on)
CROSS JOIN LATERAL (
    SELECT customer.id FROM crm_customer customer
    WHERE customer.custom @> day.held::jsonb AND NOT (customer.custom = '{}'::jsonb)
      AND customer.merged_into_id IS NULL AND customer.erased_at IS NULL
    OFFSET 0
) found
"""


def occurrences(days: Sequence[date]) -> list[str]:
    """Of mails that go to everybody on these days: each year has its own."""
    return [str(day.year) for day in days]


def everybody(days: Sequence[date], shift: timedelta) -> Due:
    """Every live customer on each of these days, once a year."""
    due_on = [day + shift for day in days]
    return Due(_EVERYBODY, (occurrences(days), list(days), due_on))


def field(
    field_id: int, days: Sequence[tuple[str, date]], shift: timedelta, *, once: bool
) -> Due:
    """Every live customer whose custom fields contain one of these values (JSON), on
    its day, once a year."""
    return Due(
        _FIELD,
        (
            field_id,
            once,
            [held for held, _on in days],
            [str(on.year) for _held, on in days],
            [on for _held, on in days],
            [on + shift for _held, on in days],
        ),
    )
