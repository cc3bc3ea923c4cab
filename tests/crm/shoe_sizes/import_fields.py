"""Shoe sizes, and the day they were measured: two columns that go together."""

from collections.abc import Collection
from datetime import date

from psycopg.sql import SQL

from crm.import_columns import (
    ImportContext,
    ImportField,
    ImportGroup,
    Reader,
    StagedRows,
    register,
)
from web.errors import InvalidValue

_LATEST = SQL(
    """SELECT DISTINCT ON (customer_id) customer_id, shoe_size, measured_on
    FROM {table} WHERE shoe_size IS NOT NULL AND NOT is_left
    ORDER BY customer_id, no DESC"""
)
_COUNT = SQL(
    """SELECT s.customer_id FROM ({latest}) s JOIN shoe_sizes k USING (customer_id)
    WHERE k.size <> s.shoe_size"""
)
_WRITE = SQL(
    """INSERT INTO shoe_sizes AS k (customer_id, size, measured_on)
    {latest}
    ON CONFLICT (customer_id) DO UPDATE SET size = excluded.size
    WHERE k.size <> excluded.size
    RETURNING customer_id"""
)


def _size(context: ImportContext) -> Reader:
    def read(cell: str) -> str:
        if not cell.isdecimal():
            raise InvalidValue(fields={"size": "no_size"})
        return cell

    return read


def _day(context: ImportContext) -> Reader:
    return lambda cell: date.fromisoformat(cell).isoformat()


def _apply(rows: StagedRows) -> Collection[int]:
    latest = _LATEST.format(table=rows.table)
    statement = _COUNT if rows.is_dry else _WRITE
    changed = [pk for (pk,) in rows.fetch(statement.format(latest=latest))]
    if changed:
        rows.notes.add("feet_measured", rows=len(changed))
    return changed


register(
    ImportGroup(
        name="shoe sizes",
        fields=(
            ImportField(
                name="shoe_size",
                label="Shoe size",
                reader=_size,
                sql_type="int",
                synonyms=("Shoe", "Schuh Größe", "鞋码"),
            ),
            ImportField(
                name="measured_on", label="Measured", reader=_day, sql_type="date"
            ),
        ),
        apply=_apply,
        words={
            "shoe_size_no_size": "The shoe size is no number.",
            "feet_measured": "with a new shoe size",
        },
    )
)
