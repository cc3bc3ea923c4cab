"""The rows of a slice with the cells of columns that apps brought."""

from collections.abc import Sequence

from psycopg.sql import SQL, Composed, Identifier

from crm.import_columns import ROW_COLUMNS, ImportField
from crm.sql import staging

CELLS = "import_customer_cell"
TABLE = "import_customer_row"


def tables(fields: Sequence[ImportField]) -> list[Composed]:
    """What the checks write cells to, and what apps get."""
    cells = [
        SQL("{} {}").format(Identifier(field.name), SQL(field.sql_type))
        for field in fields
    ]
    columns = SQL(", ").join([SQL("no int"), *cells])
    rows = SQL(
        """no int, external_id text, customer_id bigint, is_new boolean,
        is_left boolean"""
    )
    return [
        staging.temporary(CELLS, columns),
        staging.temporary(TABLE, SQL(", ").join([rows, *cells])),
    ]


EMPTY = SQL("TRUNCATE {}, {}").format(Identifier(CELLS), Identifier(TABLE))
ANALYZE = SQL("ANALYZE {}").format(Identifier(TABLE))


def fill(fields: Sequence[ImportField]) -> Composed:
    """Each row of the slice with its record and its cells."""
    names = [Identifier(field.name) for field in fields]
    return SQL(
        """INSERT INTO {table} ({columns})
        SELECT s.no, s.external_id, a.customer_id, a.is_new, a.is_left{cells}
        FROM import_customer s
        JOIN import_customer_aim a ON a.no = s.no
        LEFT JOIN {staged} m ON m.no = s.no"""
    ).format(
        table=Identifier(TABLE),
        columns=SQL(", ").join([*map(Identifier, ROW_COLUMNS), *names]),
        cells=SQL("").join(SQL(", m.{}").format(name) for name in names),
        staged=Identifier(CELLS),
    )
