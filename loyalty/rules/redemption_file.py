"""A file of a shop: which of its orders used which code."""

import csv
import io
from dataclasses import dataclass

MOST_LINES = 1_000
_NAMES = {"code": "code", "order": "order", "order_id": "order", "receipt": "order"}


@dataclass(frozen=True)
class Line:
    """One order of the file, by the number of its line."""

    number: int
    code: str
    order: str


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
    code, order = head.index("code"), head.index("order")
    found = [
        Line(number, row[code].strip(), row[order].strip())
        for number, row in enumerate(rows, start=2)
        if len(row) > max(code, order) and (row[code].strip() or row[order].strip())
    ]
    if not found:
        raise Unreadable("redemptions_none")
    if len(found) > MOST_LINES:
        raise Unreadable("redemptions_too_many")
    return found
