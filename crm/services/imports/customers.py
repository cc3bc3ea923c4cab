"""The rules of a customer's row, and its way into a slice."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.errors import InvalidValue
from crm.rules import dates, names, text
from crm.services.imports import values
from crm.services.imports.reading import BROKEN, Fields, Row, Table
from crm.services.imports.slices import NULL, Slice, escaped, or_null
from crm.services.imports.values import Refused

FIELDS = Fields(
    required=frozenset({"external_id"}),
    known=frozenset(
        {"external_id", "name", "given_name", "family_name", "email", "phone"}
        | {"language", "time_zone", "country", "birthday", "customer_since"}
        | {"heard_from", "company", "tags"}
    ),
    takes_custom=True,
)
SLICE_ROWS = 25_000
MOST_TAGS = 50
CUSTOM_LENGTH = 1_000


@dataclass(frozen=True)
class CustomerSettings:
    """What the run knows besides the file."""

    now: datetime
    zone: ZoneInfo
    shop_zone: ZoneInfo
    shop_country: str
    languages: frozenset[str]
    # External ids of people who were erased, or merged into somebody who was.
    erased: frozenset[str]


class CustomerCheck:
    """Checks rows in file order. An empty cell says nothing: it changes nothing."""

    def __init__(self, table: Table, settings: CustomerSettings) -> None:
        self._settings = settings
        self._width = len(table.header)
        self._at = table.positions
        self._custom = {
            name[7:]: at
            for name, at in table.positions.items()
            if name[:7] == "custom."
        }
        self._seen: set[str] = set()
        self._slice = Slice()
        self._rows: list[str] = []
        self._id = values.one_line(120, required=True)
        self._given = values.remembering(values.one_line(120))
        self._heard = values.remembering(values.one_line(60))
        self._company = values.remembering(values.one_line(200))
        self._country = values.remembering(values.countries())
        self._language = values.remembering(values.languages(settings.languages))
        self._birthday = values.remembering(values.birthday(settings.now))
        self._tags = values.remembering(_tags)
        self._since = values.remembering(
            values.moments(settings.zone, settings.shop_zone, settings.now)
        )

    def slices(self, rows: Iterable[tuple[int, Row]]) -> Iterator[Slice]:
        for line, row in rows:
            if len(row) != self._width:
                self._slice.refuse(line, "quoting" if row is BROKEN else "columns", row)
                continue
            checked = self._check(row)
            if isinstance(checked, Refused):
                self._slice.refuse(line, checked, row)
                continue
            self._rows.append(checked)
            if len(self._rows) >= SLICE_ROWS:
                yield self._taken()
        yield self._taken()

    def _check(self, row: Row) -> str:
        """The row as COPY writes it, or Refused."""
        external_id = self._id(row[self._at["external_id"]])
        if isinstance(external_id, Refused):
            return external_id.of("external_id")
        if external_id in self._seen:
            return Refused("twice_in_file")
        if external_id in self._settings.erased:
            return Refused("customer_erased")
        cells = [escaped(external_id)]
        company = self._company(self._cell(row, "company"))
        if isinstance(company, Refused):
            return company.of("company")
        for part in (
            self._naming(row, company, external_id),
            self._contact(row),
            self._place(row),
            self._days(row),
            self._rest(row, company),
        ):
            if isinstance(part, Refused):
                return part
            cells.append(part)
        self._seen.add(external_id)
        return "\t".join(cells) + "\n"

    def _cell(self, row: Row, field: str) -> str:
        at = self._at.get(field)
        return "" if at is None else row[at]

    def _naming(self, row: Row, company: str, external_id: str) -> str:
        given, family = self._names(row)
        for part in (given, family):
            if isinstance(part, Refused):
                return part.of("name")
        search = names.customer_search_text(given, family, company, external_id)
        return (
            f"{or_null(given)}\t{or_null(family)}"
            f"\t{escaped(names.greeting_name(given, family))}"
            f"\t{escaped(names.sort_name(given, family))}\t{escaped(search)}"
        )

    def _names(self, row: Row) -> tuple[str, str]:
        """Given and family name; where both forms stand, the two columns win."""
        given = self._given(self._cell(row, "given_name"))
        family = self._given(self._cell(row, "family_name"))
        if given or family or "name" not in self._at:
            return given, family
        try:
            full = text.one_line(row[self._at["name"]], field="name", most=240)
        except InvalidValue as error:
            return Refused(error.fields["name"]), ""
        given, family = names.split_name(full)
        if len(given) > 120 or len(family) > 120:
            return Refused("too_long"), ""
        return given, family

    def _contact(self, row: Row) -> str:
        country = self._country(self._cell(row, "country"))
        try:
            email = text.valid_email(self._cell(row, "email"))
            e164, phone = text.valid_phone(
                self._cell(row, "phone"), country=country or self._settings.shop_country
            )
        except InvalidValue as error:
            [(field, code)] = error.fields.items()
            return Refused(code) if code.startswith(field) else Refused(code).of(field)
        norm = names.normalise_email(email) if email else ""
        return (
            f"{or_null(email)}\t{or_null(norm)}"
            f"\t{escaped(e164) if phone else NULL}\t{or_null(phone)}"
        )

    def _place(self, row: Row) -> str:
        """Language, zone and country; one that nobody knows is noted and left out."""
        language = self._language(self._cell(row, "language"))
        country = self._country(self._cell(row, "country"))
        zone: str | None = self._cell(row, "time_zone").strip()
        if zone and not dates.is_zone(zone):
            zone = None
        for name, value in (
            ("language", language), ("time_zone", zone), ("country", country)
        ):  # fmt: skip
            if value is None:
                self._slice.notes[f"{name}_unknown"] += 1
        return f"{language or NULL}\t{zone or NULL}\t{country or NULL}"

    def _days(self, row: Row) -> str:
        birthday = self._birthday(self._cell(row, "birthday"))
        if isinstance(birthday, Refused):
            return birthday
        since = self._since(self._cell(row, "customer_since"))
        if isinstance(since, Refused):
            return since.of("customer_since")
        year, month, day = birthday
        return (
            f"{month or NULL}\t{day or NULL}\t{year or NULL}"
            f"\t{since.day if since else NULL}"
        )

    def _rest(self, row: Row, company: str) -> str:
        heard = self._heard(self._cell(row, "heard_from"))
        if isinstance(heard, Refused):
            return heard.of("heard_from")
        tags = self._tags(self._cell(row, "tags"))
        if isinstance(tags, Refused):
            return tags
        custom = self._own_fields(row)
        if isinstance(custom, Refused):
            return custom
        return (
            f"{or_null(heard)}\t{or_null(company)}\t{or_null(custom)}\t{or_null(tags)}"
        )

    def _own_fields(self, row: Row) -> str:
        if not self._custom:
            return ""
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
        full.accepted = len(rows)
        full.staged = {"import_customer": rows}
        return full


def _tags(raw: str) -> str:
    """The names between semicolons as a JSON list, empty for none."""
    if not raw.strip():
        return ""
    clean: Callable[[str], str] = values.one_line(60)
    found = dict.fromkeys(clean(part) for part in raw.split(";"))
    for tag in found:
        if isinstance(tag, Refused):
            return tag.of("tags")
    if len(found) > MOST_TAGS:
        return Refused("tags_too_many")
    wanted = sorted({tag.casefold(): tag for tag in found if tag}.values())
    return json.dumps(wanted, ensure_ascii=False) if wanted else ""
