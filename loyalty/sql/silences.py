"""Whose silence becomes long, and the upkeep of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db import connection

from messaging.kinds import Due

# By the index on the day; whoever wrote or spoke to us in the last days is not silent.
_DUE = """
SELECT silence.customer_id, to_char(silence.last_on, 'YYYY-MM-DD'),
       silence.silent_on + %s::int,
       jsonb_build_object('last', silence.last_on, 'gap', silence.usual_gap)
FROM loyalty_silence silence
WHERE silence.silent_on BETWEEN %s AND %s
  AND NOT EXISTS (
    SELECT FROM crm_interaction spoken
    WHERE spoken.customer_id = silence.customer_id AND spoken.direction = 'inbound'
      AND spoken.happened_at >= silence.silent_on - {quiet}::int)
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
    return Due(_DUE.format(quiet=QUIET_DAYS), (offset_days, *days))


def replace(customer_ids: Sequence[int], rows: Sequence[Row]) -> None:
    """From now on these are all the silences of these customers."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [list(customer_ids), columns[0] if columns else []])
        if rows:
            cursor.execute(_STATE, columns)
