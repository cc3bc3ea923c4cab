"""Who has a name day, and on which day of which calendar."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import connection

from crm.models.fields import NameKey
from messaging.kinds import Due

# Of the index customer_name_day, to the letter: else it is not used.
_KEY = NameKey.template % {"expressions": "customer.given_name"}
# The day that counts for a customer: of the calendars of their country the oldest that
# lists the name; of those in their language where there is none for the country.
_COUNTS = """
    SELECT named.id FROM loyalty_nameday named
    JOIN loyalty_namedaycalendar calendar ON calendar.id = named.calendar_id
    WHERE named.key = {key} AND named.is_main AND calendar.is_used
      AND (calendar.country = customer.country AND customer.country <> ''
        OR calendar.language = split_part(customer.language, '-', 1)
        AND calendar.language <> '' AND NOT EXISTS (
            SELECT FROM loyalty_namedaycalendar own
            WHERE own.country = customer.country AND own.country <> ''
              AND own.is_used
        ))
    ORDER BY calendar.id LIMIT 1
"""
# OFFSET 0: each name is looked up in the index customer_name_day, and what counts for a
# customer is asked once; joined freely, the planner reads all customers and works out
# each key.
_DUE = """
SELECT called.id, to_char(day.fell_on, 'YYYY'), day.due_on,
       jsonb_build_object('on', day.fell_on, 'name_day', day.name_day)
FROM unnest(%s::text[]) AS names (key)
CROSS JOIN LATERAL (
    SELECT customer.id, ({counts}) AS counts FROM crm_customer customer
    WHERE {key} = names.key AND NOT (customer.given_name = '')
      AND customer.merged_into_id IS NULL AND customer.erased_at IS NULL
    OFFSET 0
) called
JOIN unnest(%s::bigint[], %s::date[], %s::date[]) AS day (name_day, fell_on, due_on)
    ON day.name_day = called.counts
"""
_OF = """
SELECT customer.id, ({counts}) FROM crm_customer customer WHERE customer.id = ANY(%s)
"""


_PARTS = {"key": _KEY, "counts": _COUNTS.format(key=_KEY)}


def due(days: Sequence[tuple[int, str, date]], shift: timedelta) -> Due:
    """One row for each live customer for whom one of these days counts: (id of the
    NameDay, its key, the day)."""
    return Due(
        _DUE.format(**_PARTS),
        (
            sorted({key for _pk, key, _on in days}),
            [pk for pk, _key, _on in days],
            [on for _pk, _key, on in days],
            [on + shift for _pk, _key, on in days],
        ),
    )


def counting(customer_ids: Sequence[int]) -> dict[int, int | None]:
    """Customer id -> the NameDay that counts for them; None: none does."""
    with connection.cursor() as cursor:
        cursor.execute(_OF.format(**_PARTS), [list(customer_ids)])
        return dict(cursor.fetchall())
