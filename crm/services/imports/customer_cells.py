"""The cells of a customer's row, each as COPY writes it.

A bad cell is not a bad person: what cannot be read is left out and noted, with its line
and column, and the person comes in. A strict run refuses the row instead.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from crm.custom_facts import searched_values
from crm.customer_facts import IMPORTED_LINES, IMPORTED_NAMES, SEARCHABLE
from crm.rules import names
from crm.rules.name_signs import is_nothing
from crm.rules.search import customer_search_text
from crm.services.erased_ids import ErasedIds
from crm.services.imports import customer_readers, values
from crm.services.imports.app_columns import AppColumns
from crm.services.imports.contact_cells import ContactCells
from crm.services.imports.custom_cells import CellWays
from crm.services.imports.custom_columns import CustomColumns
from crm.services.imports.identity import RowIds
from crm.services.imports.modes import Modes
from crm.services.imports.reading import Columns, Row
from crm.services.imports.skipped_cells import CellNotes
from crm.services.imports.slices import NULL, escaped, or_null
from crm.services.imports.values import Refused
from crm.services.imports.values.asked import CellRules
from crm.services.imports.values.date_orders import DateCounts
from crm.services.imports.values.words import mapped
from web.errors import InvalidValue

LINE_COLUMNS = tuple(fact.import_column for fact in IMPORTED_LINES)
_NAMED = (*IMPORTED_NAMES, *(fact.name for fact in IMPORTED_LINES))
# Picks the searchable facts out of those and an empty text, for what no file sets.
_searchable = itemgetter(
    *(_NAMED.index(name) if name in _NAMED else -1 for name in SEARCHABLE)
)
_NOTHING_MOST = 30  # no longer than the words that stand for no name, twice
# Words for no name that are also names: Jennifer Null, Nil Martí.
_ALSO_NAMES = frozenset({"null", "none", "nil", "blank", "na", "nan"})


@dataclass(frozen=True)
class CustomerSettings:
    """What the run knows besides the file."""

    now: datetime
    zone: ZoneInfo
    shop_zone: ZoneInfo
    shop_country: str
    languages: frozenset[str]
    erased: ErasedIds
    apps: AppColumns
    modes: Modes
    ids: RowIds
    custom: CustomColumns
    # Of an amount that names none.
    currency: str = ""
    cells: CellRules = CellRules()


class _NoName(str):
    """A word such as NULL where a name should stand."""

    __slots__ = ()


class CustomerCells:
    """Each method reads some cells of a row; `cell_notes` takes those left out."""

    def __init__(
        self, table: Columns, settings: CustomerSettings, cell_notes: CellNotes
    ) -> None:
        rules = settings.cells
        self._cell_notes = cell_notes
        ways = CellWays(
            currency=settings.currency,
            numbers=rules.numbers,
            date_order=rules.date_order,
            has_serial_dates=rules.has_serial_dates,
        )
        self._custom = [
            (
                name,
                table.positions[name],
                field,
                values.remembering(customer_readers.own(field, ways)),
            )
            for name, field in settings.custom.of_file.items()
        ]
        self._searched = settings.custom.searched
        self._name = values.remembering(_name_reader())
        self._readers = [
            values.remembering(values.line_of(fact)) for fact in IMPORTED_LINES
        ]
        country = values.remembering(
            customer_readers.or_default(
                mapped(values.countries(), rules.words_of("country")),
                rules.defaults.get("country", ""),
            )
        )
        language = customer_readers.or_default(
            mapped(values.languages(settings.languages), rules.words_of("language")),
            rules.defaults.get("language", ""),
        )
        self.contact = ContactCells(country, settings.shop_country, cell_notes).read
        self._place_of = lru_cache(values.REMEMBERED)(
            customer_readers.places(country, language)
        )
        self._birthday = values.remembering(
            customer_readers.birthday(settings.now, order=rules.date_order)
        )
        self._tags = values.remembering(values.tags(rules.tag_mark))
        self.date_counts = DateCounts()
        self._since = values.remembering(
            values.moments(
                settings.zone,
                settings.shop_zone,
                settings.now,
                order=rules.date_order,
                has_serials=rules.has_serial_dates,
                counts=self.date_counts,
            )
        )

    def lines(self, cells: tuple[str, ...]) -> list[str]:
        """The facts that are lines of text, in their order."""
        found = [read(cell) for read, cell in zip(self._readers, cells, strict=True)]
        if Refused in map(type, found):
            leave = self._cell_notes.leave_out
            found = [
                leave(column, value.of(column), cell)
                if isinstance(value, Refused)
                else value
                for column, value, cell in zip(LINE_COLUMNS, found, cells, strict=True)
            ]
        return found

    def naming(
        self,
        cells: tuple[str, str, str],
        language: str,
        lines: list[str],
        custom: Mapping[str, Any],
        external_id: str,
    ) -> str:
        """The names of a row as the columns of the staging table, with what searches
        find."""
        given, family = self._names(*cells, language)
        search = customer_search_text(
            *_searchable((given, family, *lines, "")),
            *searched_values(custom, self._searched),
            external_id,
        )
        return (
            f"{or_null(given)}\t{or_null(family)}"
            f"\t{escaped(names.greeting_name(given, family))}"
            f"\t{escaped(names.sort_name(given, family))}\t{escaped(search)}"
        )

    def _names(
        self, full: str, given: str, family: str, language: str
    ) -> tuple[str, str]:
        """Given and family name; where both forms stand, the two columns win. A word
        that stands for no name is an empty cell."""
        written = f"{given} {family}" if given or family else full
        if len(written) < _NOTHING_MOST and is_nothing(written):
            self._cell_notes.note("name", "name_is_none", written)
            return "", ""
        if given or family or not full:
            first, last = self._name(given), self._name(family)
            if type(first) is not str or type(last) is not str:
                return (
                    self._usable(first, "given_name", given, beside=last),
                    self._usable(last, "family_name", family, beside=first),
                )
            return first, last
        try:
            name = names.name_line(values.visible(full), field="name", most=240)
            first, last = names.split_name(name, language)
        except InvalidValue as error:
            code = Refused(error.fields["name"]).of("name")
            return self._cell_notes.leave_out("name", code, full), ""
        if len(first) > 120 or len(last) > 120:
            return self._cell_notes.leave_out("name", "name_too_long", full), ""
        return first, last

    def _usable(self, name: str, column: str, cell: str, *, beside: str) -> str:
        if isinstance(name, Refused):
            return self._cell_notes.leave_out(column, name.of("name"), cell)
        if isinstance(name, _NoName) and not _is_name_beside(name, beside):
            self._cell_notes.note(column, "name_is_none", name)
            return ""
        return str(name)

    def place(self, language: str, zone: str, country: str) -> str:
        """Language, time zone and country as columns of the staging table."""
        found, unknown = self._place_of(language, zone, country)
        if unknown:
            cells = {"language": language, "time_zone": zone, "country": country}
            for name in unknown:
                self._cell_notes.leave_out(name, f"{name}_unknown", cells[name])
        return found

    def days(self, born: str, joined: str) -> str:
        """Birthday and first day as a customer as columns of the staging table."""
        birthday = self._birthday(born)
        if isinstance(birthday, Refused):
            self._cell_notes.leave_out("birthday", birthday, born)
            birthday = _NO_BIRTHDAY
        since = self._since(joined)
        if isinstance(since, Refused):
            code = since.of("customer_since")
            self._cell_notes.leave_out("customer_since", code, joined)
            since = None
        return f"{birthday}\t{since.day if since else NULL}"

    def rest(self, tags: str, custom: Mapping[str, Any]) -> str:
        """Tags and fields of the shop's own as columns of the staging table."""
        found = self._tags(tags)
        if isinstance(found, Refused):
            found = self._cell_notes.leave_out("tags", found, tags)
        own = json.dumps(custom, ensure_ascii=False) if custom else ""
        return f"{or_null(found)}\t{or_null(own)}"

    def custom(self, row: Row) -> dict[str, Any]:
        """The values of fields that staff made, by their keys."""
        found = {}
        for name, at, field, read in self._custom:
            if not (cell := row[at]):
                continue
            value = read(cell)
            if isinstance(value, Refused):
                self._cell_notes.leave_out(name, value.of("custom"), cell)
            elif value is not None:
                found[field.key] = value
        return found


def _name_reader() -> Callable[[str], str]:
    read_line = values.name_line(120)

    def read(raw: str) -> str:
        name = read_line(raw)
        is_word = not isinstance(name, Refused) and is_nothing(name)
        return _NoName(name) if is_word else name

    return read


def _is_name_beside(word: str, other: str) -> bool:
    """`Jennifer Null` and `JENNIFER NULL` are people; `Jennifer NULL` was a program."""
    if word.casefold() not in _ALSO_NAMES or not other or type(other) is not str:
        return False
    return (word.isupper(), word.islower()) == (other.isupper(), other.islower())


_NO_BIRTHDAY = f"{NULL}\t{NULL}\t{NULL}"
