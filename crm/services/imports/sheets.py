"""What the readers of workbooks share: sheets, and cells as people mean them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from web.rules import money

Cells = list[str]
# The last row and column that a spreadsheet program has.
MOST_ROWS = 1_048_576
MOST_CELLS = 16_384
# As with text: a cell that is longer is none.
MOST_CHARACTERS = 131_072
MOST_SHEETS = 1_000
# Numbers of so many characters are as somebody typed them.
_EXACT = 15
_COULD_BE_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_SECONDS_OF_A_DAY = 86_400
# Of no zone, as all that people type into cells.
_FROM_1900 = datetime(1899, 12, 30)  # noqa: DTZ001
_FROM_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
# 1 January 10000, counted from the end of 1899.
_LAST_DAY = 2_958_466


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook."""

    name: str
    is_hidden: bool = False


class Workbook(Protocol):
    """A workbook that is read row by row."""

    # What was found while reading: cells with an error such as #N/A, read as empty.
    errors: int

    def sheets(self) -> list[Sheet]:
        """Its sheets, in their order."""

    def rows(self, number: int) -> Iterator[tuple[int, Cells]]:
        """(number of the row, from 1; its cells) of one sheet, those that are filled
        in rising order."""
        ...


def number_as_text(written: str) -> str:
    """A number of a workbook without what binary fractions add to it; what has lost
    digits stays in scientific notation, so that nobody takes it for an id. Where three
    decimals could be thousands there is a fourth: 1.299 is 1.2990."""
    if _COULD_BE_THOUSANDS.fullmatch(written):
        return f"{written}0"
    if len(written) <= _EXACT and written.isascii() and "e" not in written.lower():
        return written
    if written.isdigit():
        return written
    try:
        value = float(written)
    except ValueError:
        return written
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if abs(value) >= 1e15:
        return f"{value:.15G}"
    return f"{money.unmistakable(Decimal(f'{value:.15g}')):f}" if value else "0"


def percent_as_text(written: str) -> str:
    """Return a fraction as a percentage: 0.19 is "19%". What is no number stays as it
    is."""
    try:
        return f"{(Decimal(number_as_text(written)) * 100).normalize():f}%"
    except ArithmeticError:
        return written


def moment_as_text(days: float, *, from_1904: bool, has_time: bool) -> str | None:
    """A day and time counted in days, as ISO; None where there is no such day.

    Days count from the end of 1899, with a 29 February 1900 that never was, or from
    1904. Less than a day is a time of the day.
    """
    seconds = round(days * _SECONDS_OF_A_DAY)
    if has_time and 0 <= seconds < _SECONDS_OF_A_DAY:
        return str(timedelta(seconds=seconds)).zfill(8)
    start = _FROM_1904 if from_1904 else _FROM_1900
    if not from_1904 and days < 61:
        if not 1 <= days < 60:
            return None
        start += timedelta(days=1)
    if not 0 <= days < _LAST_DAY:
        return None
    moment = start + timedelta(seconds=seconds)
    if not has_time and days == int(days):
        return moment.date().isoformat()
    return moment.isoformat(sep=" ")


def span_as_text(days: float) -> str:
    """Hours that may be more than a day has."""
    seconds = round(abs(days) * _SECONDS_OF_A_DAY)
    hours, seconds = divmod(seconds, 3600)
    sign = "-" if days < 0 else ""
    return f"{sign}{hours:02}:{seconds // 60:02}:{seconds % 60:02}"
