"""Suggestions after an order: what goes with it, and what is of the same kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from messaging.kinds import Due

KINDS = ("goes_with", "same_kind")
MOST = 3
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
_SOLD = "other.nature = 'product' AND other.is_available"
_IN_SEASON = """
(other.season_months = '{}'
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
    WHERE {kept} AND {sold} AND {in_season}
    ORDER BY other.id, first DESC, worth DESC, line.product_id
) each
"""
# OFFSET 0: who gets none is left out before anything is looked for.
_ASKED = """
SELECT * FROM ({orders}) placed
WHERE NOT EXISTS (
    SELECT FROM loyalty_suggestionrefusal refusal
    WHERE refusal.customer_id = placed.customer_id AND refusal.product_id IS NULL)
  {rested} OFFSET 0
"""
# Of several orders in the days that are asked for, the last that something goes with.
_DUE = """
SELECT DISTINCT ON (placed.customer_id)
       placed.customer_id, placed.id::text, placed.goes_on, {why}
FROM ({asked}) placed
{offered}
ORDER BY placed.customer_id, placed.goes_on DESC, placed.id DESC
"""
_WHY = "jsonb_build_object('order', placed.id, 'products', products)"
_BEST_THAT_GO_WITH = """
CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('id', best.id, 'with', best.bought,
               'why', best.why) ORDER BY first DESC, worth DESC, id)
           AS products
    FROM (
        SELECT * FROM (
            SELECT * FROM ({goes_with}) each ORDER BY first DESC, worth DESC, id
        ) every
        WHERE {new_to_them}
        ORDER BY first DESC, worth DESC, id LIMIT {most}
    ) best
) offered
WHERE offered.products IS NOT NULL
"""
# Whether there is anything, for those who do not ask what.
_ANY_THAT_GOES_WITH = """
WHERE EXISTS (SELECT FROM ({goes_with}) every WHERE {new_to_them} OFFSET 0)
"""
# The range of their prices: from half the lowest to one and a half times the highest
# that they paid for one in this category, in two years and in the order's currency.
# What is sold in a category is ranked once for all who bought there, and each walks
# down that shelf (unnest keeps its order) until they have so many.
_SAME_KIND = """
WITH kept AS MATERIALIZED (
    SELECT placed.id, placed.customer_id, placed.currency, placed.goes_on,
           bought.source, bought.category, bought.first, prices.low, prices.high
    FROM ({asked}) placed
    CROSS JOIN LATERAL (
        SELECT product.source, product.category, min(product.id) AS first
        FROM crm_orderline line JOIN crm_product product ON product.id = line.product_id
        WHERE {kept} AND product.category <> '' AND product.nature = 'product'
        GROUP BY product.source, product.category
    ) bought
    CROSS JOIN LATERAL (
        SELECT min(line.unit_price) / 2 AS low, max(line.unit_price) * 1.5 AS high
        FROM crm_orderline line
        JOIN crm_product product ON product.id = line.product_id
        JOIN crm_order paid ON paid.id = line.order_id
        WHERE line.customer_id = placed.customer_id AND line.nature = 'purchase'
          AND line.unit_price > 0 AND line.ordered_on > placed.ordered_on - 730
          AND product.source = bought.source AND product.category = bought.category
          AND paid.currency = placed.currency
    ) prices
),
shelf AS MATERIALIZED (
    SELECT wanted.*, ranked.*
    FROM (SELECT DISTINCT source, category, currency FROM kept) wanted
    CROSS JOIN LATERAL (
        SELECT array_agg(id) AS ids, array_agg(price) AS prices,
               array_agg(worth) AS worths, array_agg(months) AS seasons
        FROM (
            SELECT other.id, other.price, coalesce(rhythm.buyers, 0) AS worth,
                   other.season_months::text AS months
            FROM crm_product other
            LEFT JOIN loyalty_productrhythm rhythm ON rhythm.product_id = other.id
            WHERE other.category = wanted.category AND other.source = wanted.source
              AND other.currency = wanted.currency AND other.price IS NOT NULL
              AND {sold}
            ORDER BY worth DESC, other.id
        ) each
    ) ranked
)
SELECT DISTINCT ON (placed.customer_id)
       placed.customer_id, placed.id::text, placed.goes_on, {why}
FROM (
    SELECT placed.customer_id, placed.id, placed.goes_on, to_jsonb((array_agg(
               jsonb_build_object('id', best.id, 'with', placed.first, 'why', 'same')
               ORDER BY best.worth DESC, best.id))[:{most}]) AS products
    FROM kept placed JOIN shelf USING (source, category, currency)
    CROSS JOIN LATERAL (
        SELECT every.id, every.worth
        FROM (
            SELECT unnest(ids) AS id, unnest(prices) AS price,
                   unnest(worths) AS worth, unnest(seasons) AS months
        ) every
        WHERE every.price BETWEEN placed.low AND placed.high
          AND (every.months = '{{}}'
               OR extract(month FROM placed.goes_on)::int = ANY(every.months::int[]))
          AND {new_to_them}
        LIMIT {most}
    ) best
    GROUP BY placed.customer_id, placed.id, placed.goes_on
) placed
ORDER BY placed.customer_id, placed.goes_on DESC, placed.id DESC
"""
_PARTS = {
    "kept": _KEPT,
    "sold": _SOLD,
    "in_season": _IN_SEASON,
    "new_to_them": _NEW_TO_THEM,
}
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
    asked = _ASKED.format(orders=_ORDERS, rested=_RESTED)
    params = _days(first_on, last_on, offset_days)
    return Due(_statement(kind, asked, _WHY, MOST), (*params, list(KINDS), rested))


def due_ahead(kind: str, first_on: date, last_on: date, *, offset_days: int) -> Due:
    """The same without what it is, whatever other suggestion is under way."""
    asked = _ASKED.format(orders=_ORDERS, rested="")
    statement = _statement(kind, asked, "NULL", 1)
    return Due(statement, _days(first_on, last_on, offset_days))


def _statement(kind: str, asked: str, why: str, most: int) -> str:
    if kind == "same_kind":
        return _SAME_KIND.format(asked=asked, why=why, most=most, **_PARTS)
    goes_with = _GOES_WITH.format(**_PARTS)
    offered = _ANY_THAT_GOES_WITH if why == "NULL" else _BEST_THAT_GO_WITH
    offered = offered.format(goes_with=goes_with, most=most, **_PARTS)
    return _DUE.format(asked=asked, why=why, offered=offered)


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
