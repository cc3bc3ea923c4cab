"""Readers of single cells of a customer's row, as COPY writes what they find."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from crm.rules import dates
from crm.rules.custom_values import Definition
from crm.services.imports import custom_cells, values
from crm.services.imports.custom_cells import CellWays
from crm.services.imports.slices import NULL
from crm.services.imports.values import Refused
from web.errors import InvalidValue


def own(field: Definition, ways: CellWays) -> Callable[[str], Any]:
    """Reads a cell of a field that staff made, or says why it cannot."""
    read_cell = custom_cells.reader(field, ways)

    def read(raw: str) -> Any:
        if values.is_nothing(raw):
            return None
        if field.is_archived:
            return Refused("archived")
        try:
            return read_cell(raw)
        except InvalidValue as error:
            return Refused(next(iter(error.fields.values())))

    return read


def or_default(
    read: Callable[[str], str | None], default: str
) -> Callable[[str], str | None]:
    """`read`, where an empty cell is the value for the whole file."""
    if not default:
        return read

    def answer(raw: str) -> str | None:
        found = read(raw)
        return default if found == "" else found

    return answer


def birthday(now: datetime, *, order: str) -> Callable[[str], str]:
    """Reads month, day and year as COPY writes them."""
    read_parts = values.birthday(now, order=order)

    def read(raw: str) -> str:
        parts = read_parts(raw)
        if isinstance(parts, Refused):
            return parts
        year, month, day = parts
        return f"{month or NULL}\t{day or NULL}\t{year or NULL}"

    return read


def places(
    country_of: Callable[[str], str | None], language_of: Callable[[str], str | None]
) -> Callable[[str, str, str], tuple[str, list[str]]]:
    """Reads language, zone and country: as COPY writes them, and what is unknown."""

    def read(language: str, zone: str, country: str) -> tuple[str, list[str]]:
        zone = values.plain(zone)
        found = {
            "language": language_of(language),
            "time_zone": zone if not zone or dates.is_zone(zone) else None,
            "country": country_of(country),
        }
        unknown = [name for name, value in found.items() if value is None]
        return "\t".join(value or NULL for value in found.values()), unknown

    return read
