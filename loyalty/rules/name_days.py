"""Name days as calendars list them: read from a file or a package, and their day of a
year. Names are compared by the database (`crm.models.fields.NameKey`)."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from loyalty.rules.feasts import Feast, feast_day

MOST_NAMES = 20_000
NAME_LENGTH = 60
# Easter is never later than a hundred days before or after what hangs on it.
FURTHEST_FROM_EASTER = 120
_ANY_LEAP_YEAR = 2000
_BETWEEN = re.compile(r"[,;/|]")
_ICS_DAY = re.compile(r"DTSTART[^:]*:\d{4}(\d{2})(\d{2})")
_ICS_NAMES = re.compile(r"SUMMARY[^:]*:(.*)")
# "Raimund v. P.", "Leo IX.", "Johannes der Täufer": what follows the name.
_ADDITION = re.compile(r"\s+(?:\S+\.|v\s|von\s|der\s|die\s|das\s|de\s|d\.).*")
_LETTERS = re.compile(r"[^\W\d_][\w'’ .-]*")


@dataclass(frozen=True)
class Listed:
    """A name on a day of the year, or so many days after Easter (below 0: before)."""

    name: str
    month: int | None = None
    day: int | None = None
    from_easter: int | None = None
    # An addition stood behind it: of several days, one without is the more likely.
    is_plain: bool = True


class Unreadable(Exception):
    """A file of name days that cannot be taken, and the line for which."""

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(code)
        self.code, self.line = code, line


def day_in(year: int, listed: Listed, *, orthodox: bool) -> date | None:
    """Its day of that year. A name on 29 February has no day in the other years; where
    it matters, calendars list it on another day too."""
    if listed.from_easter is not None:
        sunday = feast_day(Feast.ORTHODOX_EASTER if orthodox else Feast.EASTER, year)
        return sunday and sunday + timedelta(days=listed.from_easter)
    try:
        return date(year, listed.month or 0, listed.day or 0)
    except ValueError:
        return None


def read(text: str) -> list[Listed]:
    """The names of a file: an iCalendar, or a CSV with `name` and either `month` and
    `day`, or `date` (MM-DD), or `from_easter`. Raises Unreadable: nothing is taken."""
    is_ics = text.lstrip("\ufeff \n\r\t").startswith("BEGIN:VCALENDAR")
    found = list(_of_ics(text) if is_ics else _of_csv(text))
    if not found:
        raise Unreadable("name_days_none")
    if len(found) > MOST_NAMES:
        raise Unreadable("name_days_too_many")
    return found


def names_in(cell: str) -> Iterator[tuple[str, bool]]:
    """Each name in a cell, and whether it stood there without an addition."""
    for part in _BETWEEN.split(cell):
        name = part.strip().strip("-–*")
        if _LETTERS.fullmatch(name):
            bare = _ADDITION.sub("", name)
            yield bare[:NAME_LENGTH], bare == name and " " not in name


def _of_csv(text: str) -> Iterator[Listed]:
    lines = text.lstrip("\ufeff").splitlines()
    head = lines[0] if lines else ""
    delimiter = max(",;\t", key=head.count)
    rows = csv.DictReader(lines, delimiter=delimiter)
    columns = {name.strip().lower(): name for name in rows.fieldnames or [] if name}
    if "name" not in columns:
        raise Unreadable("name_days_no_column", 1)
    for line, row in enumerate(rows, start=2):
        cells = {name: (row[column] or "").strip() for name, column in columns.items()}
        if any(cells.values()):
            yield from _of_row(cells, line)


def _of_row(cells: dict[str, str], line: int) -> Iterator[Listed]:
    month, day, offset = _when(cells, line)
    names = list(names_in(cells["name"]))
    if not names:
        raise Unreadable("name_days_no_name", line)
    for name, is_plain in names:
        yield Listed(name, month, day, offset, is_plain)


def _when(
    cells: dict[str, str], line: int
) -> tuple[int | None, int | None, int | None]:
    try:
        if cells.get("from_easter"):
            offset = int(cells["from_easter"])
            if abs(offset) > FURTHEST_FROM_EASTER:
                raise Unreadable("name_days_no_day", line)
            return None, None, offset
        parts = cells.get("date") or f"{cells.get('month')}-{cells.get('day')}"
        month, day = (int(part) for part in parts.split("-")[-2:])
        date(_ANY_LEAP_YEAR, month, day)
    except ValueError as error:
        raise Unreadable("name_days_no_day", line) from error
    return month, day, None


def _of_ics(text: str) -> Iterator[Listed]:
    # A line that begins with a blank goes on from the one before (RFC 5545, 3.1).
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    for event in unfolded.split("BEGIN:VEVENT")[1:]:
        when, what = _ICS_DAY.search(event), _ICS_NAMES.search(event)
        if when and what:
            month, day = int(when[1]), int(when[2])
            for name, is_plain in names_in(what[1].replace("\\,", ",")):
                yield Listed(name, month, day, is_plain=is_plain)


def of_days(days: Iterable[tuple[int, int, str]]) -> list[Listed]:
    """The names of (month, day, names in one text), as packages have them."""
    return [
        Listed(name, month, day, is_plain=is_plain)
        for month, day, text in days
        for name, is_plain in names_in(text)
    ]
