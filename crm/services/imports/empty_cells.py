"""Cells of a customer's row that are empty, for an import in which those erase."""

from crm.customer_facts import FACTS, IMPORTED_NAMES
from crm.rules.custom_values import name_of
from crm.services.imports.custom_columns import CustomColumns
from crm.services.imports.reading import Columns, Row
from crm.services.imports.slices import NULL
from crm.services.imports.values import is_nothing

# Words that people gave as a reason to write to somebody; like a consent.
_KEPT = "mail_ground"


class EmptyCells:
    """Only of columns that the file has. Neither the id, nor the ground for mail, nor a
    column of another app."""

    def __init__(self, columns: Columns, custom: CustomColumns) -> None:
        positions = columns.positions
        # Fact -> the places of the cells that could say it.
        self._places = {
            name: [positions[column] for column in _columns_of(name) & {*positions}]
            for name in (
                *(
                    fact.import_column
                    for fact in FACTS
                    if fact.import_column and fact.name != _KEPT
                ),
            )
        } | {
            name_of(field.key): [positions[name]]
            for name, field in custom.of_file.items()
        }

    def read(self, row: Row) -> str:
        """The names of empty facts, as COPY writes an array of texts."""
        empty = [
            name
            for name, places in self._places.items()
            if places and all(is_nothing(row[at]) for at in places)
        ]
        return f"{{{','.join(map(_element, empty))}}}" if empty else NULL


def _columns_of(name: str) -> set[str]:
    return {name, "name"} if name in IMPORTED_NAMES else {name}


def _element(name: str) -> str:
    """Quoted for the array, and that for COPY."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\\", "\\\\")
    return f'"{quoted}"'.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
