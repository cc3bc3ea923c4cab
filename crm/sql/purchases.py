"""What was bought: the first lines of orders, and what all of them come to."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from psycopg import sql


class Bought(NamedTuple):
    """The first lines of an order, and how many it has."""

    order_id: int
    product: str
    quantity: Decimal
    lines: int


def first_lines(order_ids: Sequence[int], *, most: int) -> list[Bought]:
    """A few lines of each order: some have hundreds, and an entry is two lines long."""
    query = sql.SQL(
        "SELECT o.id, coalesce(nullif(p.name, ''), p.sku), l.quantity, l.lines"
        " FROM unnest({ids}::bigint[]) AS o (id), LATERAL ("
        "  SELECT product_id, quantity, line_key, count(*) OVER () AS lines"
        "  FROM crm_orderline WHERE order_id = o.id"
        "  ORDER BY abs(amount) DESC, line_key LIMIT {most}) AS l"
        " JOIN crm_product p ON p.id = l.product_id"
    ).format(ids=sql.Literal(list(order_ids)), most=sql.Literal(most))
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [Bought(*row) for row in cursor.fetchall()]


class Worth(NamedTuple):
    """What a customer bought in one currency; returns are subtracted, never mixed."""

    currency: str
    orders: int
    spent: Decimal


def worth(customer_id: int) -> list[Worth]:
    """Number and total of sales for each currency, the most frequent first."""
    query = sql.SQL(
        "SELECT currency, count(*) FILTER (WHERE nature = 'sale'), sum(total)"
        " FROM crm_order WHERE customer_id = {customer} AND state <> 'cancelled'"
        " GROUP BY currency ORDER BY 2 DESC, 1"
    ).format(customer=sql.Literal(customer_id))
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [Worth(*row) for row in cursor.fetchall()]
