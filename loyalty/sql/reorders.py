"""Reorder reminders: what is due, and the ledger of what was listed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection
from psycopg.sql import SQL

from messaging.kinds import Due

# From the index on due days, and from the few that were put off; everything else is
# asked by unique keys.
_DUE = """
SELECT due.customer_id, to_char(due.due_on, 'YYYY-MM-DD') || ':' || due.product_id,
       due.goes_on, due.why
FROM (
    SELECT next.customer_id, next.product_id, next.due_on,
           next.due_on + %s::int AS goes_on,
           jsonb_build_object('id', next.product_id, 'last', next.last_on,
               'due', next.due_on, 'days', next.days, 'n', next.intervals)
               || CASE next.basis WHEN 'own' THEN '{}'::jsonb
                  ELSE jsonb_build_object('basis', next.basis) END AS why
    FROM loyalty_nextpurchase next
    WHERE next.due_on BETWEEN %s AND %s
      AND NOT EXISTS (
        SELECT FROM loyalty_reminderitem item
        WHERE item.customer_id = next.customer_id
          AND item.product_id = next.product_id AND item.last_on = next.last_on)
    UNION ALL
    SELECT item.customer_id, item.product_id, item.again_on, item.again_on,
           jsonb_build_object('id', item.product_id, 'last', item.last_on,
               'due', item.again_on, 'days', next.days, 'n', next.intervals,
               'again', true)
    FROM loyalty_reminderitem item
    LEFT JOIN loyalty_nextpurchase next
        ON next.customer_id = item.customer_id AND next.product_id = item.product_id
    WHERE item.again_on BETWEEN %s AND %s
      AND (next.last_on IS NULL OR next.last_on <= item.last_on)
) due
JOIN crm_product product ON product.id = due.product_id
WHERE product.nature = 'product' AND product.is_available
  AND NOT EXISTS (
    SELECT FROM loyalty_reorderrefusal refusal
    WHERE refusal.customer_id = due.customer_id
      AND refusal.product_id = due.product_id)
  AND NOT EXISTS (
    SELECT FROM loyalty_reorderrefusal refusal
    WHERE refusal.customer_id = due.customer_id AND refusal.product_id IS NULL)
"""
# No second mail while one is under way, or a day after it left.
_RESTED = """
  AND NOT EXISTS (
    SELECT FROM messaging_message message
    WHERE message.kind = %s AND message.customer_id = due.customer_id
      AND NOT (message.state = 'superseded')
      AND (message.final_at IS NULL OR message.counted_at > %s))
"""
_LIST = SQL("""
INSERT INTO loyalty_reminderitem AS kept
    (customer_id, product_id, last_on, due_on, message_id)
SELECT message.customer_id, item.id, item.last, item.due, message.id
FROM messaging_message message
CROSS JOIN LATERAL jsonb_to_recordset(message.why -> 'products')
    AS item (id bigint, last date, due date)
WHERE message.id = ANY(%s::bigint[])
ON CONFLICT (customer_id, product_id, last_on) DO UPDATE
SET message_id = excluded.message_id, due_on = excluded.due_on, again_on = NULL
WHERE kept.again_on IS NOT NULL
""")
_WAS_PUT_OFF = """
message.why @> jsonb_build_object('products', jsonb_build_array(
    jsonb_build_object('id', item.product_id, 'again', true)))
"""
# What a customer put off stays put off until its day; the rest may be listed again.
_PUT_OFF_AGAIN = SQL("""
UPDATE loyalty_reminderitem item SET again_on = coalesce(item.again_on, item.due_on)
FROM messaging_message message
WHERE message.id = item.message_id AND message.id = ANY(%s::bigint[]) AND {put_off}
""").format(put_off=SQL(_WAS_PUT_OFF))
_FREE = SQL("""
DELETE FROM loyalty_reminderitem item USING messaging_message message
WHERE message.id = item.message_id AND message.id = ANY(%s::bigint[])
  AND NOT ({put_off})
""").format(put_off=SQL(_WAS_PUT_OFF))


def due(
    first_on: date, last_on: date, *, offset_days: int, kind: str, rested: datetime
) -> Due:
    """A row for each product that is to be reminded of in these days.

    The offset counts from expected days. Who put a product off named the day itself.
    """
    ahead = due_ahead(first_on, last_on, offset_days=offset_days)
    return Due(ahead.sql + _RESTED, (*ahead.params, kind, rested))


def due_ahead(first_on: date, last_on: date, *, offset_days: int) -> Due:
    """The same, whatever other reminder is under way."""
    shift = timedelta(days=offset_days)
    expected = (first_on - shift, last_on - shift)
    return Due(_DUE, (offset_days, *expected, first_on, last_on))


def list_items(message_ids: Sequence[int]) -> None:
    """Write the items that these planned messages list."""
    with connection.cursor() as cursor:
        cursor.execute(_LIST, [list(message_ids)])


def free_items(message_ids: Sequence[int]) -> None:
    """Free the items of messages that ended unsent; keep those put off by choice."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_OFF_AGAIN, [list(message_ids)])
        cursor.execute(_FREE, [list(message_ids)])
