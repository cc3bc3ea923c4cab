"""One customer's timeline over every source, page by page.

Each branch is read from its own index, newest first, and never more than one page of
it; the page is cut from what the branches gave. The cost does not grow with the depth.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import LiteralString, NamedTuple

from django.db import connection
from psycopg import sql


class Place(NamedTuple):
    """Where an entry stands: newest first, by time, then source, then row."""

    at: datetime
    rank: int
    id: int


@dataclass(frozen=True)
class Source:
    """`at` is spelt exactly as in the index of the table."""

    name: str
    rank: int
    table: str
    at: sql.Composable
    only: LiteralString = ""


_AT_ONCE = sql.SQL("COALESCE(final_at, not_before)")

SOURCES = (
    Source("order", 1, "crm_order", sql.Identifier("ordered_at")),
    Source("message", 2, "messaging_message", _AT_ONCE),
    Source("interaction", 3, "crm_interaction", sql.Identifier("happened_at")),
    Source(
        "response",
        4,
        "surveys_response",
        sql.Identifier("confirmed_at"),
        # A provisional answer counts nowhere until a person confirms it.
        "AND confirmed_at IS NOT NULL",
    ),
    Source("review", 5, "feedback_review", sql.Identifier("written_at")),
    Source("follow_up", 6, "crm_followup", sql.Identifier("created_at")),
)
NAMES = {source.rank: source.name for source in SOURCES}


def entries(
    customer_id: int, *, names: Collection[str], before: Place | None, limit: int
) -> list[Place]:
    """The places of one page, newest first, after `before`."""
    branches = [
        _branch(source, customer_id, before, limit)
        for source in SOURCES
        if source.name in names
    ]
    query = sql.SQL(
        "SELECT at, rank, id FROM ({branches}) AS entries"
        " ORDER BY at DESC, rank DESC, id DESC LIMIT {limit}"
    ).format(branches=sql.SQL(" UNION ALL ").join(branches), limit=sql.Literal(limit))
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [Place(*row) for row in cursor.fetchall()]


def _branch(
    source: Source, customer_id: int, before: Place | None, limit: int
) -> sql.Composed:
    return sql.SQL(
        "(SELECT {at} AS at, {rank} AS rank, id FROM {table}"
        " WHERE customer_id = {customer} {only} {keyset}"
        " ORDER BY {at} DESC, id DESC LIMIT {limit})"
    ).format(
        at=source.at,
        rank=sql.Literal(source.rank),
        table=sql.Identifier(source.table),
        customer=sql.Literal(customer_id),
        only=sql.SQL(source.only),
        keyset=_keyset(source, before),
        limit=sql.Literal(limit),
    )


def _keyset(source: Source, before: Place | None) -> sql.Composable:
    """(at, rank, id) < before, with the constant rank worked out beforehand."""
    if before is None:
        return sql.SQL("")
    at = sql.Literal(before.at)
    if source.rank == before.rank:
        return sql.SQL("AND ({}, id) < ({}, {})").format(
            source.at, at, sql.Literal(before.id)
        )
    comparison = "AND {} <= {}" if source.rank < before.rank else "AND {} < {}"
    return sql.SQL(comparison).format(source.at, at)


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
    query = sql.SQL(
        "SELECT currency, count(*) FILTER (WHERE nature = 'sale'), sum(total)"
        " FROM crm_order WHERE customer_id = {customer} AND state <> 'cancelled'"
        " GROUP BY currency ORDER BY 2 DESC, 1"
    ).format(customer=sql.Literal(customer_id))
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [Worth(*row) for row in cursor.fetchall()]
