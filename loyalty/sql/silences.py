"""Whose silence becomes long, and the upkeep of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db import connection
from psycopg.sql import SQL

from messaging import stop_rules
from messaging.kinds import Due
from messaging.rules.choices import StopRule

# By the index on the day.
_DUE = """
SELECT silence.customer_id, to_char(silence.last_on, 'YYYY-MM-DD'),
       silence.silent_on + %s::int,
       jsonb_build_object('last', silence.last_on, 'gap', silence.usual_gap)
FROM loyalty_silence silence
WHERE silence.silent_on BETWEEN %s AND %s
  AND NOT {spoke}
"""
_SPOKE = """
SELECT message.id FROM messaging_message message
WHERE message.id = ANY(%s::bigint[]) AND {spoke}
"""
_FORGET = """
DELETE FROM loyalty_silence kept
WHERE kept.customer_id = ANY(%s::bigint[])
  AND NOT (kept.customer_id = ANY(%s::bigint[]))
"""
_STATE = """
INSERT INTO loyalty_silence AS kept (customer_id, last_on, usual_gap, silent_on)
SELECT * FROM unnest(%s::bigint[], %s::date[], %s::int[], %s::date[])
ON CONFLICT (customer_id) DO UPDATE
SET last_on = excluded.last_on, usual_gap = excluded.usual_gap,
    silent_on = excluded.silent_on
WHERE (kept.last_on, kept.usual_gap, kept.silent_on)
    IS DISTINCT FROM (excluded.last_on, excluded.usual_gap, excluded.silent_on)
"""
# Whoever wrote or spoke to us, by whatever way, so many days before the mail is due, or
# since, is not silent.
QUIET_DAYS = 30


class Row(NamedTuple):
    """A silence as it should stand; the order of the columns above."""

    customer_id: int
    last_on: date
    usual_gap: int
    silent_on: date


def due(first_on: date, last_on: date, *, offset_days: int) -> Due:
    """Who becomes silent on a day of these, so many days before."""
    shift = timedelta(days=offset_days)
    days = (first_on - shift, last_on - shift)
    since = f"silence.silent_on + {int(offset_days)} - {QUIET_DAYS}"
    asked = _DUE.format(spoke=_spoke("silence.customer_id", since))
    return Due(asked, (offset_days, *days))


def who_spoke(message_ids: Sequence[int]) -> set[int]:
    """Those of these mails whose person wrote or spoke to us lately."""
    since = f"message.due_on - {QUIET_DAYS}"
    with connection.cursor() as cursor:
        cursor.execute(
            _SPOKE.format(spoke=_spoke("message.customer_id", since)),
            [list(message_ids)],
        )
        return {pk for (pk,) in cursor.fetchall()}


def _spoke(customer: str, since: str) -> str:
    asked = stop_rules.condition(
        StopRule.WROTE, customer=SQL(customer), since=SQL(f"({since})")
    )
    return asked.as_string() if asked else "false"


def replace(customer_ids: Sequence[int], rows: Sequence[Row]) -> None:
    """From now on these are all the silences of these customers."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [list(customer_ids), columns[0] if columns else []])
        if rows:
            cursor.execute(_STATE, columns)
