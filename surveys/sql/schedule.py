"""The days on which the relationship survey asks each customer, set-based."""

from datetime import date

from django.db import connection
from django.db.models import Max
from psycopg import sql

from crm.rules import spread
from surveys.models import Asking, ScheduledAsk

MOST_AT_ONCE = 50_000

# The same as crm.rules.spread.day_of: a test compares the two over many ids.
SPREAD = sql.SQL(
    "(((c.id %% {keys}) * {prime}) %% {range}) * %(every)s::bigint / {range}"
).format(
    keys=sql.Literal(spread.HASH_KEYS),
    prime=sql.Literal(spread.HASH_PRIME),
    range=sql.Literal(spread.HASH_RANGE),
)

FILL = sql.SQL("""
    INSERT INTO surveys_scheduledask (asking_id, customer_id, next_on)
    SELECT %(asking)s, c.id, %(start)s::date + ({spread})::int
    FROM crm_customer c
    WHERE c.id > %(beyond)s
      AND c.merged_into_id IS NULL AND c.erased_at IS NULL
      AND (c.since_on IS NOT NULL OR c.first_order_on IS NOT NULL)
      AND NOT EXISTS (
          SELECT 1 FROM surveys_scheduledask t
          WHERE t.asking_id = %(asking)s AND t.customer_id = c.id)
    ORDER BY c.id
    LIMIT %(most)s
    ON CONFLICT (asking_id, customer_id) DO NOTHING
""").format(spread=SPREAD)

# Asked, or decided not to be: the next day is one round later, and in the future.
ADVANCE = sql.SQL("""
    UPDATE surveys_scheduledask t
    SET next_on = t.next_on + %(every)s::int
        * greatest(1, ceil((%(reach)s::date - t.next_on)::numeric / %(every)s)::int)
    FROM messaging_message m
    WHERE t.asking_id = %(asking)s AND t.next_on < %(reach)s
      AND m.kind = %(kind)s AND m.customer_id = t.customer_id
      AND m.occurrence = %(prefix)s || to_char(t.next_on, 'YYYY-MM-DD')
      AND m.state <> 'superseded'
""")

# Passed over while the survey was off: never all on the day it comes back.
SPREAD_AGAIN = sql.SQL("""
    UPDATE surveys_scheduledask t
    SET next_on = %(start)s::date + ({spread})::int
    FROM crm_customer c
    WHERE t.asking_id = %(asking)s AND c.id = t.customer_id
      AND (t.next_on < %(reach)s OR t.next_on >= %(latest)s)
""").format(spread=SPREAD)


def fill(asking: Asking, *, start: date, everybody: bool) -> int:
    """A first day for those who buy and have none, in the order of their ids.

    Newcomers only (ids beyond the last one that has a day), or everybody. At most so
    many at once that a million customers never meet a statement's time limit: the
    rest are newcomers to the next sweep.
    """
    last = ScheduledAsk.objects.filter(asking=asking).aggregate(Max("customer_id"))
    beyond = 0 if everybody else last["customer_id__max"] or 0
    return _run(FILL, asking, start=start, beyond=beyond, most=MOST_AT_ONCE)


def advance(asking: Asking, *, kind: str, prefix: str, reach: date) -> int:
    """Move on the days before `reach` that have a message."""
    return _run(ADVANCE, asking, kind=kind, prefix=prefix, reach=reach)


def spread_again(
    asking: Asking, *, start: date, reach: date = date.min, latest: date = date.max
) -> int:
    """Give those with a day before `reach` or from `latest` on a first day again."""
    return _run(SPREAD_AGAIN, asking, start=start, reach=reach, latest=latest)


def _run(statement: sql.Composable, asking: Asking, **values: date | str | int) -> int:
    parameters: dict[str, date | str | int] = {
        "asking": asking.pk,
        "every": asking.every_days,
        **values,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
