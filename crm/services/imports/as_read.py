"""Cells beside what an import makes of them, for people to see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.services.imports import values
from crm.services.imports.columns import Fields
from crm.services.imports.values import Refused, is_nothing
from crm.services.imports.values.days import day_of
from crm.services.imports.words_as_read import Told

# Of customers and orders; other kinds name theirs.
DATES = ("ordered_at", "delivered_at", "customer_since")
NUMBERS = ("quantity", "unit_price", "line_total")
BIRTHDAY = "birthday"


@dataclass(frozen=True)
class Cell:
    """`words`: what is read; empty where the cell says just that. `is_bad`: it cannot
    be read, or only once somebody says how."""

    text: str
    words: str = ""
    is_bad: bool = False


def dates_of(known: Fields) -> set[str]:
    """Fields that hold days, in the order of day and month that a file has."""
    return {*DATES, BIRTHDAY, *known.dates}


def numbers_of(known: Fields) -> set[str]:
    """Fields that hold numbers with a fraction, or with marks of thousands."""
    return {*NUMBERS, *known.numbers}


@dataclass(frozen=True)
class AsRead:
    """How the cells of a file are read.

    `mapping`: field → column; `order` and `mark` as `Options` has `date_order` and
    `numbers`; `zone`: the shop's, in which days are shown; `words`: of further fields,
    what is read of a cell with the country of its row; `country_of`: what a cell of a
    country says of that.
    """

    known: Fields
    mapping: Mapping[str, str]
    now: datetime
    zone: ZoneInfo
    order: str = ""
    mark: str = ""
    has_serials: bool = False
    words: Mapping[str, Told] = field(default_factory=dict)
    country_of: Callable[[str], str] = str

    def shows(self, name: str) -> bool:
        """Whether cells of this field may be read as something else than they say."""
        return name in dates_of(self.known) | numbers_of(self.known) | {*self.words}

    def rows(
        self, header: Sequence[str], rows: Sequence[Sequence[str]]
    ) -> list[list[Cell]]:
        """The rows, cell by cell."""
        told = {column: name for name, column in self.mapping.items() if column}
        fields = [told.get(name, "") for name in header]
        return [
            [
                self.cell(fields[at] if at < len(fields) else "", text, country)
                for at, text in enumerate(row)
            ]
            for row, country in zip(rows, self.countries(header, rows), strict=True)
        ]

    def countries(
        self, header: Sequence[str], rows: Sequence[Sequence[str]]
    ) -> list[str]:
        """Of each row, by its own cell, else that of the file or shop."""
        names = list(header)
        column = self.mapping.get("country", "")
        at = names.index(column) if column in names else len(names)
        return [self.country_of(row[at] if at < len(row) else "") for row in rows]

    def cell(self, name: str, text: str, country: str = "") -> Cell:
        """One cell of the field of this name; empty: of a column that is not used."""
        read = self._reader(name, country)
        if read is None or is_nothing(text):
            return Cell(text)
        found = read(text)
        if isinstance(found, Refused):
            is_open = found.endswith("_ambiguous")
            words = _("can be read in two ways") if is_open else _("cannot be read")
            return Cell(text, words, is_bad=True)
        if not found or found == text.strip():
            return Cell(text)
        return Cell(text, _("is %(value)s") % {"value": found})

    def _reader(self, name: str, country: str) -> Callable[[str], str] | None:
        if told := self.words.get(name):
            return lambda text: told(text, country)
        if name == BIRTHDAY:
            return self._birthday
        if name in self.known.ahead:
            return self._day_ahead
        if name in dates_of(self.known):
            return self._day
        return self._number if name in numbers_of(self.known) else None

    def _day(self, text: str) -> str:
        read = values.moments(
            self.zone,
            self.zone,
            self.now,
            order=self.order,
            has_serials=self.has_serials,
        )
        found = read(text)
        if found is None or isinstance(found, Refused):
            return found or ""
        at = datetime.fromisoformat(found.at)
        day = date_format(date.fromisoformat(found.day), "j F Y")
        clock = at.astimezone(self.zone)
        return f"{day}, {clock:%H:%M}" if at.hour or at.minute else day

    def _day_ahead(self, text: str) -> str:
        found = day_of(text, order=self.order, has_serials=self.has_serials)
        return found if isinstance(found, Refused) else date_format(found, "j F Y")

    def _birthday(self, text: str) -> str:
        found = values.birthday(self.now, order=self.order)(text)
        if isinstance(found, Refused):
            return found
        year, month, day = found
        if not month or not day:
            return ""
        # 2000 was a leap year.
        whole = date(year or 2000, month, day)
        return date_format(whole, "j F Y" if year else "j F")

    def _number(self, text: str) -> str:
        found = values.number(digits=12, places=8, mark=self.mark)(text)
        return found if isinstance(found, Refused) else f"{found:f}"
