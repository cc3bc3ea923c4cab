"""How lines of text get into the staging tables of an import."""

from collections.abc import Sequence

from psycopg.sql import SQL, Composed, Identifier


def copy_into(table: str, columns: Sequence[str] = ()) -> Composed:
    """COPY into these columns in this order; without any, into all of the table's."""
    if not columns:
        return SQL("COPY {} FROM STDIN").format(Identifier(table))
    return SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(table), SQL(", ").join(map(Identifier, columns))
    )
