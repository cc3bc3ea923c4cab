"""The cells of columns that apps brought: read with the row, applied with the slice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from psycopg.sql import Identifier

from crm.import_columns import (
    ImportContext,
    ImportField,
    ImportGroup,
    ImportKind,
    Reader,
    StagedRows,
    all_groups,
)
from crm.services.imports.columns import Fields, folded
from crm.services.imports.reading import Row
from crm.services.imports.slices import NULL, Notes, or_null
from crm.services.imports.values import Refused, remembering
from crm.sql import app_columns as sql
from web.errors import InvalidValue


class AppColumns:
    """Those that one run of an import takes; empty for most."""

    def __init__(
        self, kind: ImportKind, positions: Mapping[str, int], context: ImportContext
    ) -> None:
        self._context = context
        self.groups = [
            group
            for group in all_groups(kind)
            if group.is_wanted(context)
            or any(field.name in positions for field in group.fields)
        ]
        self._readers = {
            field.name: (positions[field.name], _remembered(field, context))
            for group in self.groups
            for field in group.fields
            if field.name in positions
        }

    @property
    def staged(self) -> Sequence[str]:
        """The columns of import_customer_cell, as `read` writes them after `no`."""
        return ("no", *self._readers)

    @property
    def fields(self) -> Sequence[ImportField]:
        """Of all its groups, also those that the file lacks."""
        return [field for group in self.groups for field in group.fields]

    def read(self, row: Row) -> str:
        """The cells as COPY writes them, empty where none says anything; or Refused."""
        if not self._readers:
            return ""
        cells = []
        for name, (at, read) in self._readers.items():
            cell = read(row[at].strip())
            if isinstance(cell, Refused):
                return cell.of(name)
            cells.append(or_null(cell))
        return "\t".join(cells) if any(cell != NULL for cell in cells) else ""

    def rows_of(
        self, group: ImportGroup, *, run_id: int | None, notes: Notes
    ) -> StagedRows:
        """The staged rows of a group of columns, for its `apply`; its notes go to
        `notes`."""
        return StagedRows(
            table=Identifier(sql.TABLE),
            fields=frozenset(
                field.name for field in group.fields if field.name in self._readers
            ),
            context=self._context,
            run_id=run_id,
            notes=notes,
        )


def _remembered(field: ImportField, context: ImportContext) -> Reader:
    read = field.reader(context)

    def checked(cell: str) -> str:
        if not cell:
            return ""
        try:
            return read(cell)
        except InvalidValue as error:
            return Refused(next(iter(error.fields.values())))

    return remembering(checked)


def with_app_columns(fields: Fields, kind: ImportKind) -> Fields:
    """crm's own columns of an import, and those that apps brought."""
    brought = [field for group in all_groups(kind) for field in group.fields]
    return replace(
        fields,
        known=fields.known | {field.name for field in brought},
        synonyms={
            **{
                folded(name): field.name for field in brought for name in field.synonyms
            },
            **fields.synonyms,
        },
    )
