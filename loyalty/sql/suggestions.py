"""Suggestions after an order: what goes with it, and what is of the same kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from messaging.kinds import Due

# From the two indexes of orders by arrival (order_delivered, order_assumed_delivered):
# days count from the delivery, and where none is reported from the order.
_ORDERS = """
SELECT placed.id, placed.customer_id, placed.currency, placed.ordered_on,
       placed.delivered_on + %s::int AS goes_on
FROM crm_order placed
WHERE placed.delivered_on IS NOT NULL AND placed.nature = 'sale'
  AND placed.state <> 'cancelled'
  AND placed.delivered_on BETWEEN %s AND %s
UNION ALL
SELECT placed.id, placed.customer_id, placed.currency, placed.ordered_on,
       placed.ordered_on + %s::int
FROM crm_order placed
WHERE placed.delivered_on IS NULL AND placed.nature = 'sale'
  AND placed.state <> 'cancelled'
  AND placed.ordered_on BETWEEN %s AND %s
"""
# What of the order was not given back since.
_KEPT = """
line.order_id = placed.id AND line.nature = 'purchase' AND line.quantity > 0
AND NOT EXISTS (
  SELECT FROM crm_orderline back
  WHERE back.customer_id = placed.customer_id AND back.nature = 'return'
    AND back.ordered_on >= placed.ordered_on AND back.product_id = line.product_id)
"""
# Sold now, and in season on the day.
_SOLD = """
other.nature = 'product' AND other.is_available
AND (other.season_months = '{}'
     OR extract(month FROM placed.goes_on)::int = ANY(other.season_months))
"""
# Neither bought, given back nor refused before. Asked of each product by key, the best
# first and no further than three: OFFSET 0.
_NEW_TO_THEM = """
NOT EXISTS (
  SELECT FROM crm_orderline had
  WHERE had.customer_id = placed.customer_id AND had.product_id = every.id
    AND had.nature = 'purchase' OFFSET 0)
AND NOT EXISTS (
  SELECT FROM crm_orderline back
  WHERE back.customer_id = placed.customer_id AND back.product_id = every.id
    AND back.nature = 'return' OFFSET 0)
AND NOT EXISTS (
  SELECT FROM loyalty_suggestionrefusal refusal
  WHERE refusal.customer_id = placed.customer_id AND refusal.product_id = every.id
  OFFSET 0)
"""
_GOES_WITH = """
SELECT * FROM (
    SELECT DISTINCT ON (other.id) other.id, line.product_id AS bought,
           CASE complement.pick WHEN 'chosen' THEN 'chosen' ELSE 'found' END AS why,
           (complement.pick = 'chosen')::int AS first,
           coalesce(complement.lift_low, 0) AS worth
    FROM crm_orderline line
    JOIN loyalty_complement complement ON complement.product_id = line.product_id
        AND complement.pick <> 'hidden'
    JOIN crm_product other ON other.id = complement.goes_with_id
    WHERE {kept} AND {sold}
    ORDER BY other.id, first DESC, worth DESC, line.product_id
) each
"""
# The range of their prices: from half the lowest to one and a half times the highest
# that they paid for one in this category, in two years and in the order's currency.
_SAME_KIND = """
SELECT other.id, kept.bought, 'same' AS why, coalesce(rhythm.buyers, 0) AS worth
FROM (
    SELECT product.source, product.category, min(product.id) AS bought
    FROM crm_orderline line JOIN crm_product product ON product.id = line.product_id
    WHERE {kept} AND product.category <> '' AND product.nature = 'product'
    GROUP BY product.source, product.category
) kept
CROSS JOIN LATERAL (
    SELECT min(line.unit_price) / 2 AS low, max(line.unit_price) * 1.5 AS high
    FROM crm_orderline line
    JOIN crm_product product ON product.id = line.product_id
    JOIN crm_order paid ON paid.id = line.order_id
    WHERE line.customer_id = placed.customer_id AND line.nature = 'purchase'
      AND line.unit_price > 0 AND line.ordered_on > placed.ordered_on - 730
      AND product.source = kept.source AND product.category = kept.category
      AND paid.currency = placed.currency
) prices
JOIN crm_product other ON other.category = kept.category
    AND other.source = kept.source AND other.currency = placed.currency
    AND other.price BETWEEN prices.low AND prices.high
LEFT JOIN loyalty_productrhythm rhythm ON rhythm.product_id = other.id
WHERE {sold}
"""
# The best first. A column that is the same for all would have them sorted again, and
# every one of them asked whether it is new to them.
_ORDER = {"goes_with": "first DESC, worth DESC, id", "same_kind": "worth DESC, id"}
# Of several orders in the days that are asked for, the last that something goes with.
# OFFSET 0: who gets none is left out before anything is looked for.
_DUE = """
SELECT DISTINCT ON (placed.customer_id)
       placed.customer_id, placed.id::text, placed.goes_on, {why}
FROM (
    SELECT * FROM ({orders}) placed
    WHERE NOT EXISTS (
        SELECT FROM loyalty_suggestionrefusal refusal
        WHERE refusal.customer_id = placed.customer_id AND refusal.product_id IS NULL)
      {rested} OFFSET 0
) placed
{offered}
ORDER BY placed.customer_id, placed.goes_on DESC, placed.id DESC
"""
_WHY = "jsonb_build_object('order', placed.id, 'products', offered.products)"
_LISTED = """
CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('id', best.id, 'with', best.bought,
               'why', best.why) ORDER BY {order})
           AS products
    FROM (
        SELECT * FROM (
            SELECT * FROM ({offers}) each ORDER BY {order}
        ) every
        WHERE {new_to_them}
        ORDER BY {order} LIMIT {most}
    ) best
) offered
WHERE offered.products IS NOT NULL
"""
# Whether there is anything, for those who do not ask what.
_ANYTHING = """
WHERE EXISTS (SELECT FROM ({offers}) every WHERE {new_to_them} OFFSET 0)
"""
# Nobody gets a second suggestion while one is under way, or within a month of it. Asked
# of each by key: of mails that a sweep has just planned there are no statistics yet.
_RESTED = """
  AND NOT EXISTS (
    SELECT FROM messaging_message message
    WHERE message.kind = ANY(%s) AND message.customer_id = placed.customer_id
      AND NOT (message.state = 'superseded')
      AND (message.final_at IS NULL OR message.counted_at > %s) OFFSET 0)
"""
# One row for each product that these messages list, with how it stands.
_STANDINGS = """
SELECT message.id, item.id, item.bought, item.why,
       coalesce(other.nature = 'product' AND other.is_available
           AND (other.season_months = '{}'
                OR extract(month FROM message.due_on)::int
                    = ANY(other.season_months)), false),
       EXISTS (
         SELECT FROM crm_orderline had
         WHERE had.customer_id = message.customer_id AND had.product_id = item.id
           AND had.nature IN ('purchase', 'return')),
       EXISTS (
         SELECT FROM loyalty_suggestionrefusal refusal
         WHERE refusal.customer_id = message.customer_id
           AND (refusal.product_id = item.id OR refusal.product_id IS NULL)),
       NOT EXISTS (
         SELECT FROM crm_orderline line JOIN crm_order placed
             ON placed.id = line.order_id
         WHERE placed.id = (message.why ->> 'order')::bigint
           AND placed.state <> 'cancelled' AND line.nature = 'purchase'
           AND line.product_id = item.bought
           AND NOT EXISTS (
             SELECT FROM crm_orderline back
             WHERE back.customer_id = message.customer_id AND back.nature = 'return'
               AND back.ordered_on >= placed.ordered_on
               AND back.product_id = line.product_id))
FROM messaging_message message
CROSS JOIN LATERAL (
    SELECT (entry ->> 'id')::bigint AS id, (entry ->> 'with')::bigint AS bought,
           entry ->> 'why' AS why, place
    FROM jsonb_array_elements(message.why -> 'products')
        WITH ORDINALITY AS each (entry, place)
) item
LEFT JOIN crm_product other ON other.id = item.id
WHERE message.id = ANY(%s::bigint[])
ORDER BY message.id, item.place
"""
MOST = 3
OFFERS = {
    kind: offers.format(kept=_KEPT, sold=_SOLD)
    for kind, offers in {"goes_with": _GOES_WITH, "same_kind": _SAME_KIND}.items()
}


@dataclass(frozen=True)
class Standing:
    """One product of one suggestion, as things stand now."""

    message_id: int
    product_id: int
    # The product that they bought.
    bought_id: int
    why: str
    is_sold: bool
    is_had: bool
    is_refused: bool
    is_returned: bool

    @property
    def is_open(self) -> bool:
        """Whether it may still be suggested."""
        over = self.is_had or self.is_refused or self.is_returned
        return self.is_sold and not over


def due(
    kind: str,
    first_on: date,
    last_on: date,
    *,
    offset_days: int,
    rested: datetime,
) -> Due:
    """Who has something suggested on these days, and had nothing since `rested`."""
    params = _days(first_on, last_on, offset_days)
    offered = _LISTED.format(
        offers=OFFERS[kind], order=_ORDER[kind], new_to_them=_NEW_TO_THEM, most=MOST
    )
    due = _DUE.format(orders=_ORDERS, rested=_RESTED, offered=offered, why=_WHY)
    return Due(due, (*params, list(OFFERS), rested))


def due_ahead(kind: str, first_on: date, last_on: date, *, offset_days: int) -> Due:
    """The same without what it is, whatever other suggestion is under way."""
    offered = _ANYTHING.format(offers=OFFERS[kind], new_to_them=_NEW_TO_THEM)
    due = _DUE.format(orders=_ORDERS, rested="", offered=offered, why="NULL")
    return Due(due, _days(first_on, last_on, offset_days))


def standings(message_ids: Sequence[int]) -> dict[int, list[Standing]]:
    """What each of these messages lists, in its order, in one query for all."""
    found: dict[int, list[Standing]] = {pk: [] for pk in message_ids}
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, [list(message_ids)])
        for row in cursor.fetchall():
            found[row[0]].append(Standing(*row))
    return found


def _days(first_on: date, last_on: date, offset_days: int) -> tuple[Any, ...]:
    shift = timedelta(days=offset_days)
    return (offset_days, first_on - shift, last_on - shift) * 2
