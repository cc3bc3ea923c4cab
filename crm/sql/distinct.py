"""The few values that a column of a great table has."""

from django.db import connection
from psycopg import sql

# One step along the index for each value. SELECT DISTINCT reads every row: 0.2 s for a
# million customers of one source.
_WALK = sql.SQL(
    "WITH RECURSIVE walk AS ("
    " (SELECT {column} AS value FROM {table} ORDER BY {column} LIMIT 1)"
    " UNION ALL"
    " SELECT (SELECT {column} FROM {table} WHERE {column} > walk.value"
    " ORDER BY {column} LIMIT 1) FROM walk WHERE walk.value IS NOT NULL)"
    " SELECT value FROM walk WHERE value IS NOT NULL"
)


def values_of(table: str, column: str) -> list[str]:
    """Each value once, in order; the column is the first of an index."""
    walk = _WALK.format(table=sql.Identifier(table), column=sql.Identifier(column))
    with connection.cursor() as cursor:
        cursor.execute(walk)
        return [row[0] for row in cursor.fetchall()]
