"""The staging tables of an import, and how lines of text get into them."""

from collections.abc import Sequence
from typing import LiteralString

from psycopg.sql import SQL, Composed, Identifier


def copy_into(table: str, columns: Sequence[str] = ()) -> Composed:
    """COPY into these columns in this order; without any, into all of the table's."""
    if not columns:
        return SQL("COPY {} FROM STDIN").format(Identifier(table))
    return SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(table), SQL(", ").join(map(Identifier, columns))
    )


def temporary(table: str, columns: LiteralString | Composed) -> Composed:
    """A table of `columns` ("no int, sku text") that ends with its transaction: a
    pooler may give the next one another session."""
    return SQL("CREATE TEMP TABLE IF NOT EXISTS {} ({}) ON COMMIT DROP").format(
        Identifier(table), columns if isinstance(columns, Composed) else SQL(columns)
    )
