"""Who has an occasion, found by the indexes on month and day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import Enum

from loyalty.rules.yearly import Occasion
from messaging.kinds import Due


class Began(Enum):
    """The day that years are counted from: a column of the customer."""

    SINCE = "since_on"
    FIRST_ORDER = "first_order_on"


# Each time as in the index of that column, to the letter: else it is not used. And
# repeated, since for a join alone the planner reads all rows and works out each key.
_DUE = """
SELECT customer.id, day.occurrence, day.due_on,
       jsonb_build_object('since', customer.{column}, 'on', day.fell_on)
FROM unnest(%s::numeric[], %s::text[], %s::date[], %s::date[], %s::date[], %s::date[])
    AS day (key, occurrence, fell_on, due_on, began_from, began_until)
JOIN crm_customer customer
    ON (EXTRACT(MONTH FROM customer.{column}) * 100)
        + EXTRACT(DAY FROM customer.{column}) = day.key
WHERE (EXTRACT(MONTH FROM customer.{column}) * 100)
        + EXTRACT(DAY FROM customer.{column}) = ANY(%s::numeric[])
  AND customer.merged_into_id IS NULL AND customer.erased_at IS NULL
  AND customer.{column} BETWEEN day.began_from AND day.began_until
"""
# Another mail says the same on that day, and goes before this one.
_NOT_SAID = """
  AND NOT EXISTS (
    SELECT FROM messaging_message other
    WHERE other.customer_id = customer.id AND other.kind = ANY(%s::text[])
      AND other.state IN ('planned', 'claimed', 'handed', 'sent', 'uncertain')
      AND NOT (other.state = 'superseded')
      AND other.why ->> 'on' = day.fell_on::text
  )
"""
# A yes of the record itself or of another with its address; whether a later no follows
# is for the claim, as in messaging/sql/planning.py.
_BIRTHDAYS = """
SELECT customer.id, day.occurrence, day.due_on,
       jsonb_build_object('on', day.fell_on)
FROM unnest(%s::int[], %s::text[], %s::date[], %s::date[], %s::timestamptz[])
    AS day (key, occurrence, fell_on, due_on, told_by)
JOIN crm_customer customer
    ON (customer.birth_month * 100) + customer.birth_day = day.key
WHERE (customer.birth_month * 100) + customer.birth_day = ANY(%s::int[])
  AND customer.merged_into_id IS NULL AND customer.erased_at IS NULL
  AND (customer.birth_recorded_at IS NULL OR customer.birth_recorded_at < day.told_by)
  AND (EXISTS (
        SELECT FROM messaging_consent word
        WHERE word.customer_id = customer.id
          AND word.category = 'birthday' AND word.granted
    ) OR (customer.email_norm <> '' AND EXISTS (
        SELECT FROM crm_customer other
        JOIN messaging_consent word ON word.customer_id = other.id
        WHERE other.email_norm = customer.email_norm
          AND word.category = 'birthday' AND word.granted
    )))
"""


def due(
    began: Began, days: Sequence[Occasion], shift: timedelta, *, unless: Sequence[str]
) -> Due:
    """One row for each live customer who began on one of these days. `unless`: kinds of
    mail that stand instead of it, where one of the same day is planned or was sent."""
    keys = [day.key for day in days]
    params = (
        keys,
        [day.occurrence for day in days],
        [day.on for day in days],
        [day.on + shift for day in days],
        [day.since for day in days],
        [day.until for day in days],
        keys,
    )
    statement = _DUE.format(column=began.value)
    if not unless:
        return Due(statement, params)
    return Due(statement + _NOT_SAID, (*params, list(unless)))


def birthdays(days: Sequence[tuple[int, date, datetime]], shift: timedelta) -> Due:
    """One row for each live customer who agreed to it and whose birthday is one of
    these days: (key, day, told before that moment)."""
    keys = [key for key, _on, _told in days]
    return Due(
        _BIRTHDAYS,
        (
            keys,
            [str(on.year) for _key, on, _told in days],
            [on for _key, on, _told in days],
            [on + shift for _key, on, _told in days],
            [told for _key, _on, told in days],
            keys,
        ),
    )
