"""The rules of a customer's row, and its way into a slice."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from zoneinfo import ZoneInfo

from crm.customer_facts import FACTS, IMPORTED_LINES, IMPORTED_NAMES, SEARCHABLE
from crm.rules import dates, names
from crm.rules.name_signs import is_nothing
from crm.rules.search import customer_search_text
from crm.services.erased_ids import ErasedIds
from crm.services.imports import values
from crm.services.imports.app_columns import AppColumns
from crm.services.imports.columns import Fields
from crm.services.imports.hashed_ids import IdSet
from crm.services.imports.reading import Columns, Row, unreadable
from crm.services.imports.slices import NULL, Slice, escaped, or_null
from crm.services.imports.values import Refused
from crm.sql.app_columns import CELLS
from web.errors import InvalidValue
from web.rules import text

FIELDS = Fields(
    required=frozenset({"external_id"}),
    known=frozenset({"external_id", "name"})
    | {fact.import_column for fact in FACTS if fact.import_column},
    takes_custom=True,
)
_LINE_COLUMNS = tuple(fact.import_column for fact in IMPORTED_LINES)
# The cells of a row as _check takes them apart.
_COLUMNS = (
    *("external_id", "name", "given_name", "family_name", "email", "phone"),
    *("language", "time_zone", "country", "birthday", "customer_since", "tags"),
    *_LINE_COLUMNS,
)
# The columns of a row as _check puts it together for COPY.
STAGED = (
    *("no", "external_id"),
    *("given_name", "family_name", "greeting_name", "sort_name", "search_text"),
    *("email", "email_norm", "phone_e164", "phone_text"),
    *("language", "time_zone", "country"),
    *("birth_month", "birth_day", "birth_year", "since_on"),
    *("tags", "custom"),
    *(fact.name for fact in IMPORTED_LINES),
)
_NAMED = (*IMPORTED_NAMES, *(fact.name for fact in IMPORTED_LINES))
# Picks the searchable facts out of those and an empty text, for what no file sets.
_searchable = itemgetter(
    *(_NAMED.index(name) if name in _NAMED else -1 for name in SEARCHABLE)
)
NO_CONTACT = "\t".join([NULL] * 4)
SLICE_ROWS = 6_000  # see orders.SLICE_LINES
CUSTOM_LENGTH = 1_000
_NOTHING_MOST = 30  # no longer than the words that stand for no name, twice


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


class CustomerCheck:
    """Checks rows in file order. An empty cell says nothing: it changes nothing."""

    def __init__(self, table: Columns, settings: CustomerSettings) -> None:
        self._settings = settings
        self._width = len(table.header)
        lacking = len(table.header)
        self._cells_of = itemgetter(
            *(table.positions.get(name, lacking) for name in _COLUMNS)
        )
        self._custom = {
            name[7:]: at
            for name, at in table.positions.items()
            if name[:7] == "custom."
        }
        self._seen = IdSet()
        self._slice = Slice()
        self._rows: list[str] = []
        self._told: list[str] = []  # in columns of other apps
        self._id = values.one_line(120, required=True)
        self._given = values.remembering(values.name_line(120))
        self._readers = [
            values.remembering(values.line_of(fact)) for fact in IMPORTED_LINES
        ]
        self._country = values.remembering(values.countries())
        self._place_of = lru_cache(values.REMEMBERED)(
            _places(self._country, values.languages(settings.languages))
        )
        self._birthday = values.remembering(_birthday(settings.now))
        self._tags = values.remembering(values.tags)
        self._since = values.remembering(
            values.moments(settings.zone, settings.shop_zone, settings.now)
        )

    def slices(self, rows: Iterable[tuple[int, Row]]) -> Iterator[Slice]:
        for line, row in rows:
            if len(row) != self._width:
                self._slice.refuse(line, *unreadable(row))
                yield from self._slice.overflow()
                continue
            checked = self._check(line, row)
            if isinstance(checked, Refused):
                self._slice.refuse(line, checked, row)
                yield from self._slice.overflow()
                continue
            self._rows.append(checked)
            if len(self._rows) >= SLICE_ROWS:
                yield self._taken()
        yield self._taken()

    def carried(self) -> bytes:
        """What the next step has to know of the rows so far."""
        return self._seen.as_bytes()

    def resume(self, carried: bytes) -> None:
        self._seen = IdSet(carried)

    def _check(self, line: int, row: Row) -> str:
        """The row as COPY writes it, or Refused."""
        # An empty cell at the end stands for every column that the file lacks.
        cells = self._cells_of([*row, ""])
        external_id, full, given, family, email, phone = cells[:6]
        language, zone, country, born, joined, tags = cells[6:12]
        external_id = self._id(external_id)
        if isinstance(external_id, Refused):
            return external_id.of("external_id")
        if external_id in self._seen:
            return Refused("twice_in_file")
        if self._settings.erased.is_erased(external_id):
            return Refused("customer_erased")
        lines = [
            read(cell) for read, cell in zip(self._readers, cells[12:], strict=True)
        ]
        if Refused in map(type, lines):
            return _first_refused(lines)
        parts = (
            self._naming((full, given, family), language, lines, external_id),
            self._contact(email, phone, country),
            self._place(language, zone, country),
            self._days(born, joined),
            self._rest(tags, row),
        )
        told = self._settings.apps.read(row)
        for part in (*parts, told):
            if isinstance(part, Refused):
                return part
        self._seen.add(external_id)
        if told:
            self._told.append(f"{line}\t{told}\n")
        cells = (str(line), escaped(external_id), *parts, *map(or_null, lines))
        return "\t".join(cells) + "\n"

    def _naming(
        self,
        cells: tuple[str, str, str],
        language: str,
        lines: list[str],
        external_id: str,
    ) -> str:
        given, family = self._names(*cells, language)
        if isinstance(given, Refused):
            return given.of("name")
        if isinstance(family, Refused):
            return family.of("name")
        search = customer_search_text(
            *_searchable((given, family, *lines, "")), external_id
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
            self._slice.notes.add("name_is_none", example=written.strip())
            return "", ""
        if given or family or not full:
            return self._given(given), self._given(family)
        try:
            full = names.name_line(full, field="name", most=240)
        except InvalidValue as error:
            return Refused(error.fields["name"]), ""
        given, family = names.split_name(full, language)
        if len(given) > 120 or len(family) > 120:
            return Refused("too_long"), ""
        return given, family

    def _contact(self, email: str, phone: str, country: str) -> str:
        if not email and not phone:
            return NO_CONTACT
        try:
            email = text.valid_email(email)
            if not phone:
                norm = names.normalise_email(email)
                return f"{or_null(email)}\t{or_null(norm)}\t{NULL}\t{NULL}"
            code = self._country(country) or self._settings.shop_country
            e164, phone = text.valid_phone(phone, country=code)
        except InvalidValue as error:
            [(field, why)] = error.fields.items()
            return Refused(why) if why.startswith(field) else Refused(why).of(field)
        norm = names.normalise_email(email)
        return (
            f"{or_null(email)}\t{or_null(norm)}"
            f"\t{escaped(e164) if phone else NULL}\t{or_null(phone)}"
        )

    def _place(self, language: str, zone: str, country: str) -> str:
        """What nobody knows is noted and left out."""
        found, unknown = self._place_of(language, zone, country)
        for name in unknown:
            self._slice.notes.add(f"{name}_unknown")
        return found

    def _days(self, born: str, joined: str) -> str:
        birthday = self._birthday(born)
        if isinstance(birthday, Refused):
            return birthday
        since = self._since(joined)
        if isinstance(since, Refused):
            return since.of("customer_since")
        return f"{birthday}\t{since.day if since else NULL}"

    def _rest(self, tags: str, row: Row) -> str:
        tags = self._tags(tags)
        if isinstance(tags, Refused):
            return tags
        custom = self._own_fields(row) if self._custom else ""
        if isinstance(custom, Refused):
            return custom
        return f"{or_null(tags)}\t{or_null(custom)}"

    def _own_fields(self, row: Row) -> str:
        try:
            found = {
                name: text.one_line(row[at], field="custom", most=CUSTOM_LENGTH)
                for name, at in self._custom.items()
                if row[at]
            }
        except InvalidValue as error:
            return Refused(error.fields["custom"]).of("custom")
        return json.dumps(found, ensure_ascii=False) if found else ""

    def _taken(self) -> Slice:
        full, self._slice = self._slice, Slice()
        rows, self._rows = self._rows, []
        told, self._told = self._told, []
        full.accepted = len(rows)
        full.staged = {"import_customer": rows, CELLS: told}
        return full


def _first_refused(lines: list[str]) -> Refused:
    return next(
        line.of(column)
        for column, line in zip(_LINE_COLUMNS, lines, strict=True)
        if isinstance(line, Refused)
    )


def _birthday(now: datetime) -> Callable[[str], str]:
    """Reads month, day and year as COPY writes them."""
    read_parts = values.birthday(now)

    def read(raw: str) -> str:
        parts = read_parts(raw)
        if isinstance(parts, Refused):
            return parts
        year, month, day = parts
        return f"{month or NULL}\t{day or NULL}\t{year or NULL}"

    return read


def _places(
    country_of: Callable[[str], str | None], language_of: Callable[[str], str | None]
) -> Callable[[str, str, str], tuple[str, list[str]]]:
    """Reads language, zone and country: as COPY writes them, and what is unknown."""

    def read(language: str, zone: str, country: str) -> tuple[str, list[str]]:
        found = {
            "language": language_of(language),
            "time_zone": zone.strip() if dates.is_zone(zone.strip()) else None,
            "country": country_of(country),
        }
        if not zone.strip():
            found["time_zone"] = ""
        unknown = [name for name, value in found.items() if value is None]
        return "\t".join(value or NULL for value in found.values()), unknown

    return read
