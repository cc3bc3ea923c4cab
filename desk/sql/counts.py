"""Counts of what waits, each no further than a person can use."""

from collections.abc import Collection
from functools import cache

from django.db import connection
from psycopg import sql

from crm.page_parts import Count
from crm.request_context import RequestContext


def count(wanted: Collection[Count], context: RequestContext) -> dict[Count, int]:
    """How many rows each of these has, all in one statement."""
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(query(wanted, context))
        return dict(zip(wanted, cursor.fetchone(), strict=True))


def query(wanted: Collection[Count], context: RequestContext) -> sql.Composed:
    """One SELECT with a column for each count, none counted beyond its `most`."""
    return sql.SQL("SELECT ") + sql.SQL(", ").join(
        sql.Composed([_BEGIN, each.rows(context), _end(each.most)]) for each in wanted
    )


# In pieces: to look for the places of a template takes half as long as the statement.
_BEGIN = sql.SQL("(SELECT count(*) FROM (")


@cache
def _end(most: int) -> sql.Composed:
    return sql.SQL(" LIMIT {}) AS few)").format(sql.Literal(most))
