"""Who has a name day, and on which day of which calendar."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import connection

from crm.models.fields import BareName, NameKey, NameWords
from messaging.kinds import Due

_NAME = {"expressions": "customer.given_name"}
# Of the indexes customer_name_day and customer_several_names, to the letter: else they
# are not used.
_KEY, _WORDS = NameKey.template % _NAME, NameWords.template % _NAME
# The days that count for a customer, numbered by the order of their given names; a name
# with a hyphen as a whole, then in parts. Of the calendars of their country the oldest
# that lists the name; of those in their language where there is none for the country.
_COUNTS = """
    SELECT own.id, row_number() OVER (ORDER BY min(own.no)) AS rank
    FROM (
        SELECT DISTINCT ON (whole.no, part.no) named.id, whole.no * 100 + part.no AS no
        FROM unnest(string_to_array({bare}, ' ')) WITH ORDINALITY AS whole (word, no)
        CROSS JOIN LATERAL unnest(
            CASE WHEN whole.word LIKE '%%-%%'
                 THEN whole.word || string_to_array(whole.word, '-')
                 ELSE ARRAY[whole.word] END
        ) WITH ORDINALITY AS part (word, no)
        JOIN loyalty_nameday named ON named.key = part.word AND named.is_main
        JOIN loyalty_namedaycalendar calendar ON calendar.id = named.calendar_id
        WHERE calendar.is_used
          AND (calendar.country = customer.country AND customer.country <> ''
            OR calendar.language = split_part(customer.language, '-', 1)
            AND calendar.language <> '' AND NOT EXISTS (
                SELECT FROM loyalty_namedaycalendar other
                WHERE other.country = customer.country AND other.country <> ''
                  AND other.is_used
            ))
        ORDER BY whole.no, part.no, calendar.id
    ) own
    GROUP BY own.id
    ORDER BY rank
"""
# OFFSET 0: each name is looked up in the index customer_name_day, and what counts for a
# customer is asked once; joined freely, the planner reads all customers and works out
# each key. Anyone who has several names is found by the other index, too: two names of
# one day are one greeting, also where a name was corrected since and has another place
# now (index message_once).
_DUE = """
SELECT DISTINCT ON (called.customer_id, day.due_on)
    called.customer_id,
    greeting.occurrence,
    day.due_on,
    jsonb_build_object('on', day.fell_on, 'name_day', day.name_day)
FROM (
    SELECT by_first.* FROM unnest(%s::text[]) AS names (key)
    CROSS JOIN LATERAL (
        SELECT customer.id AS customer_id, counts.*
        FROM crm_customer customer CROSS JOIN LATERAL ({counts} {most}) counts
        WHERE {key} = names.key AND NOT (customer.given_name = '')
          AND customer.merged_into_id IS NULL AND customer.erased_at IS NULL
        OFFSET 0
    ) by_first
    UNION ALL
    SELECT by_any.* FROM (
        SELECT customer.id, counts.*
        FROM crm_customer customer CROSS JOIN LATERAL ({counts} {most}) counts
        WHERE {words} && %s::text[] AND customer.given_name::text ~ '[ -]'
          AND customer.merged_into_id IS NULL AND customer.erased_at IS NULL
        OFFSET 0
    ) by_any
) called
JOIN unnest(%s::bigint[], %s::date[], %s::date[]) AS day (name_day, fell_on, due_on)
    ON day.name_day = called.id
CROSS JOIN LATERAL (
    SELECT to_char(day.fell_on, 'YYYY')
        || CASE WHEN called.rank > 1 THEN ':' || called.rank ELSE '' END AS occurrence
) greeting
WHERE NOT EXISTS (
    SELECT FROM messaging_message told
    WHERE told.kind = 'name_day' AND told.customer_id = called.customer_id
      AND told.state <> 'superseded' AND told.due_on = day.due_on
      AND told.occurrence <> greeting.occurrence
)
ORDER BY called.customer_id, day.due_on, called.rank
"""
_OF = """
SELECT customer.id, ARRAY(SELECT counts.id FROM ({counts}) counts)
FROM crm_customer customer WHERE customer.id = ANY(%s)
"""


_PARTS = {
    "key": _KEY,
    "words": _WORDS,
    "counts": _COUNTS.format(bare=BareName.template % _NAME),
}


def due(days: Sequence[tuple[int, str, date]], shift: timedelta, *, each: bool) -> Due:
    """One row for each live customer for whom one of these days counts: (id of the
    NameDay, its key, the day). Of several given names the first that has a day, or
    `each` of them."""
    keys = sorted({key for _pk, key, _on in days})
    return Due(
        _DUE.format(**_PARTS, most="" if each else "LIMIT 1"),
        (
            keys,
            keys,
            [pk for pk, _key, _on in days],
            [on for _pk, _key, on in days],
            [on + shift for _pk, _key, on in days],
        ),
    )


def counting(customer_ids: Sequence[int]) -> dict[int, list[int]]:
    """Customer id -> ids of the NameDays that count for them, in the order of their
    given names."""
    with connection.cursor() as cursor:
        cursor.execute(_OF.format(**_PARTS), [list(customer_ids)])
        return dict(cursor.fetchall())
