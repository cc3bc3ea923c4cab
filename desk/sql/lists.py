"""Pages of customers, by name or by a search, each through an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from django.db import connection, transaction
from psycopg import sql

from crm.rules.customer_search import ELSEWHERE, Pattern
from crm.segments import Filters
from crm.sql.customer_filters import LIVE, ids_elsewhere, likes, who

# What one search gathers at most; beyond, the page shows "over 1,000" and asks for
# another word.
MOST_HITS = 1000
# Rows of another table looked through for one beginning of a number or an address.
MOST_ELSEWHERE = 500

# A word guessed to be common would be looked for along the table or its primary key:
# half a second where the guess is wrong. The bitmap of its own index never is.
ONLY_BITMAPS = "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off"

_T = TypeVar("_T")


class Key(NamedTuple):
    """Where a page of the list begins or ends."""

    sort_name: str
    id: int


@dataclass(frozen=True)
class Cut:
    """One page: after or before a key, and how many rows."""

    limit: int
    after: Key | None = None
    before: Key | None = None


class Hit(NamedTuple):
    """One row of a page, with how many the whole search gathered."""

    id: int
    gathered: int


def by_name(filters: Filters, cut: Cut, *, today: date) -> list[int]:
    """One page of everybody, walked along the index of names."""
    with connection.cursor() as cursor:
        cursor.execute(by_name_query(filters, cut, today=today))
        return _in_order(cut, [row[0] for row in cursor.fetchall()])


def by_name_query(
    filters: Filters,
    cut: Cut,
    *,
    today: date,
    only: sql.Composable = sql.SQL("true"),  # noqa: B008
) -> sql.Composed:
    """The ids of one page by name; the cursor is in `cut`. `only`: who is looked at."""
    return sql.SQL(
        "SELECT c.id FROM crm_customer c"
        " WHERE {who} AND {only} {keyset} {order} LIMIT {limit}"
    ).format(
        who=who(filters, today=today),
        only=only,
        keyset=_keyset(cut),
        order=_order(cut),
        limit=sql.Literal(cut.limit),
    )


def search(
    patterns: Sequence[Pattern], filters: Filters, cut: Cut, *, today: date
) -> list[Hit]:
    """One page of what the patterns find, each through its own index."""
    if not patterns:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ONLY_BITMAPS)
        cursor.execute(search_query(patterns, filters, cut, today=today))
        return _in_order(cut, [Hit(*row) for row in cursor.fetchall()])


def search_query(
    patterns: Sequence[Pattern], filters: Filters, cut: Cut, *, today: date
) -> sql.Composed:
    """As `by_name_query`, for those that match any pattern; with their number."""
    branches = [_branch(pattern, filters, today) for pattern in patterns]
    return sql.SQL(
        "WITH hits AS MATERIALIZED ({branches}),"
        " gathered AS (SELECT count(*) AS n FROM hits)"
        " SELECT c.id, gathered.n FROM hits c, gathered WHERE true {keyset} {order}"
        " LIMIT {limit}"
    ).format(
        branches=sql.SQL(" UNION ").join(branches),
        keyset=_keyset(cut),
        order=_order(cut),
        limit=sql.Literal(cut.limit),
    )


def key_of(customer_id: int) -> Key | None:
    """The key of a row a link names; None where there is no such row any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sort_name, id FROM crm_customer WHERE id = %s", [customer_id]
        )
        row = cursor.fetchone()
    return Key(*row) if row else None


def live_up_to(most: int) -> int:
    """How many customers there are, counted no further than `most`."""
    query = sql.SQL(
        "SELECT count(*) FROM (SELECT 1 FROM crm_customer c WHERE {live}"
        " LIMIT {most}) AS few"
    ).format(live=LIVE, most=sql.Literal(most))
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def about_how_many() -> int:
    """PostgreSQL's own estimate of the table, at no cost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples::bigint FROM pg_class"
            " WHERE oid = 'crm_customer'::regclass"
        )
        return int(cursor.fetchone()[0])


def _keyset(cut: Cut) -> sql.Composable:
    if cut.after is not None:
        key, comparison = cut.after, "AND (c.sort_name, c.id) > ({}, {})"
    elif cut.before is not None:
        key, comparison = cut.before, "AND (c.sort_name, c.id) < ({}, {})"
    else:
        return sql.SQL("")
    return sql.SQL(comparison).format(sql.Literal(key.sort_name), sql.Literal(key.id))


def _order(cut: Cut) -> sql.SQL:
    if cut.before is not None:
        return sql.SQL("ORDER BY c.sort_name DESC, c.id DESC")
    return sql.SQL("ORDER BY c.sort_name, c.id")


def _in_order(cut: Cut, rows: list[_T]) -> list[_T]:
    return rows[::-1] if cut.before is not None else rows


def _branch(pattern: Pattern, filters: Filters, today: date) -> sql.Composed:
    if pattern.column in ELSEWHERE:
        return _elsewhere(pattern, filters, today)
    # OFFSET 0 keeps the other conditions outside: inside, an index that holds just the
    # live rows would be read whole for a common word.
    return sql.SQL(
        "(SELECT c.id, c.sort_name FROM (SELECT id, sort_name, merged_into_id,"
        " erased_at, owner_id FROM crm_customer WHERE {likes} OFFSET 0) AS c"
        " WHERE {who} LIMIT {most})"
    ).format(
        who=who(filters, today=today),
        likes=likes(pattern),
        most=sql.Literal(MOST_HITS + 1),
    )


def _elsewhere(pattern: Pattern, filters: Filters, today: date) -> sql.Composed:
    """Whose orders, second addresses or second numbers begin like this."""
    return sql.SQL(
        "(SELECT c.id, c.sort_name FROM crm_customer c WHERE {who} AND c.id IN ({ids}))"
    ).format(
        who=who(filters, today=today), ids=ids_elsewhere(pattern, most=MOST_ELSEWHERE)
    )
