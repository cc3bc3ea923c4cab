"""One customer's timeline over every source, page by page.

Each branch is read from its own index, newest first, and never more than one page of
it; the page is cut from what the branches gave. The cost does not grow with the depth.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from psycopg import sql

from crm.page_parts import TimelineSource


class Place(NamedTuple):
    """Where an entry stands: newest first, by time, then source, then row.

    `rank` is the `order` of the source.
    """

    at: datetime
    rank: int
    id: int


def entries(
    customer_id: int,
    *,
    sources: Sequence[TimelineSource],
    before: Place | None,
    limit: int,
) -> list[Place]:
    """The places of one page, newest first, after `before`."""
    if not sources:
        return []
    branches = [_branch(source, customer_id, before, limit) for source in sources]
    query = sql.SQL(
        "SELECT at, rank, id FROM ({branches}) AS entries"
        " ORDER BY at DESC, rank DESC, id DESC LIMIT {limit}"
    ).format(branches=sql.SQL(" UNION ALL ").join(branches), limit=sql.Literal(limit))
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [Place(*row) for row in cursor.fetchall()]


def _branch(
    source: TimelineSource, customer_id: int, before: Place | None, limit: int
) -> sql.Composed:
    return sql.SQL(
        "(SELECT {at} AS at, {rank} AS rank, id FROM {table}"
        " WHERE customer_id = {customer} {only} {keyset}"
        " ORDER BY {at} DESC, id DESC LIMIT {limit})"
    ).format(
        at=source.at,
        rank=sql.Literal(source.order),
        table=sql.Identifier(source.table),
        customer=sql.Literal(customer_id),
        only=sql.SQL(source.only),
        keyset=_keyset(source, before),
        limit=sql.Literal(limit),
    )


def _keyset(source: TimelineSource, before: Place | None) -> sql.Composable:
    """(at, rank, id) < before, with the constant rank worked out beforehand."""
    if before is None:
        return sql.SQL("")
    at = sql.Literal(before.at)
    if source.order == before.rank:
        return sql.SQL("AND ({}, id) < ({}, {})").format(
            source.at, at, sql.Literal(before.id)
        )
    comparison = "AND {} <= {}" if source.order < before.rank else "AND {} < {}"
    return sql.SQL(comparison).format(source.at, at)
