"""How lists sort by the fields that staff made, and the indexes for it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from crm.rules.choices import CustomKind

CUSTOM = sql.SQL("c.custom")


def sort_keys(
    kind: CustomKind, key: str, custom: sql.Composable = CUSTOM
) -> list[sql.Composed]:
    """What a list of customers is ordered by, before the id: of money first the
    currency, because amounts of two are not compared."""
    parts = {"custom": custom, "key": sql.Literal(key)}
    if kind is CustomKind.NUMBER:
        return [sql.SQL("(({custom} ->> {key})::numeric)").format(**parts)]
    if kind is CustomKind.MONEY:
        return [
            sql.SQL("({custom} -> {key} ->> 'currency')").format(**parts),
            sql.SQL("(({custom} -> {key} ->> 'amount')::numeric)").format(**parts),
        ]
    if kind is CustomKind.DATE:
        return [sql.SQL("({custom} ->> {key})").format(**parts)]
    return [sql.SQL("(lower({custom} ->> {key}))").format(**parts)]


def has_value(key: str, custom: sql.Composable = CUSTOM) -> sql.Composed:
    """Whether a customer has one; the condition of the index, too."""
    return sql.SQL("{} ? {}").format(custom, sql.Literal(key))


def create_index(name: str, kind: CustomKind, key: str) -> sql.Composed:
    """Outside of a transaction: writing goes on meanwhile."""
    custom = sql.SQL("custom")
    return sql.SQL(
        "CREATE INDEX CONCURRENTLY {index} ON crm_customer ({keys}, id)"
        " WHERE merged_into_id IS NULL AND erased_at IS NULL AND {has}"
    ).format(
        index=sql.Identifier(name),
        keys=sql.SQL(", ").join(sort_keys(kind, key, custom)),
        has=has_value(key, custom),
    )


def drop_index(name: str) -> sql.Composed:
    """Outside of a transaction, as it is built."""
    return sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name))


def indexes(names: Sequence[str]) -> dict[str, bool]:
    """Name -> whether it can be used, for those that are there. One that cannot was
    left by a build that did not come to its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.relname, i.indisvalid AND i.indisready FROM pg_class k"
            " JOIN pg_index i ON i.indexrelid = k.oid"
            " WHERE k.relname = ANY(%s) AND i.indrelid = 'crm_customer'::regclass",
            [list(names)],
        )
        return dict(cursor.fetchall())


def built_percent(name: str) -> int | None:
    """How far the build of an index is; None where none is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN p.blocks_total > 0"
            " THEN 100 * p.blocks_done / p.blocks_total ELSE 0 END"
            " FROM pg_stat_progress_create_index p"
            " JOIN pg_class k ON k.oid = p.index_relid WHERE k.relname = %s",
            [name],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


@contextmanager
def outside() -> Iterator[CursorWrapper]:
    """A connection of its own, without a transaction: an index that is built while
    others write cannot be built in one. It is closed at the end."""
    other = connection.copy()
    try:
        other.set_autocommit(True)
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()
