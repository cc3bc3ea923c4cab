"""A file of a shop: which of its orders used which code."""

import csv
import io
from dataclasses import dataclass

MOST_LINES = 1_000
_NAMES = {
    **{"code": "code", "order": "order", "order_id": "order", "receipt": "order"},
    **{"day": "day", "date": "day", "amount": "amount", "total": "amount"},
}
_COLUMNS = ("code", "order", "day", "amount")


@dataclass(frozen=True)
class Line:
    """One order of the file, by the number of its line. `day` and `amount` as they
    are written; empty where the file says nothing."""

    number: int
    code: str
    order: str
    day: str = ""
    amount: str = ""


class Unreadable(Exception):
    """The file has no such columns, no lines or too many."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def read(text: str) -> list[Line]:
    """The lines below the names of the columns, empty ones left out. Raises
    Unreadable."""
    sample = text.lstrip("\ufeff")
    first = sample.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(io.StringIO(sample), delimiter=separator)
    head = [_NAMES.get(name.strip().lower(), "") for name in next(rows, [])]
    if "code" not in head or "order" not in head:
        raise Unreadable("redemptions_no_column")
    places = [head.index(name) if name in head else None for name in _COLUMNS]
    found = []
    for number, row in enumerate(rows, start=2):
        code, order, day, amount = (_cell(row, place) for place in places)
        if code or order:
            found.append(Line(number, code, order, day, amount))
    if not found:
        raise Unreadable("redemptions_none")
    if len(found) > MOST_LINES:
        raise Unreadable("redemptions_too_many")
    return found


def _cell(row: list[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""
