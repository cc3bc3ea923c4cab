"""One look at every row before anything is loaded.

It finds what makes a file unusable while nothing has been written yet, counts the rows
for the progress bar, and finds the orders whose lines are scattered over the file:
those are set aside and come last, so that every order is loaded as a whole. It also
finds the orders that rows belong to which nobody can tell into cells: an order of which
a line is unreadable is not whole.
"""

import json
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

from crm.errors import FileUnusable
from crm.services.imports.reading import Row, Table, unreadable
from crm.services.imports.values import Refused, one_line

# Each holds its share of the scattered rows in memory, one after the other.
BUCKETS = 32


@dataclass(frozen=True)
class Precheck:
    rows: int
    scattered: frozenset[str] = frozenset()
    torn: frozenset[str] = frozenset()


def precheck(table: Table, *, group_by: str = "") -> Precheck:
    """Count the rows; with `group_by`, find its values that are not contiguous."""
    try:
        if not group_by:
            return Precheck(sum(1 for _ in table.rows()))
        return _survey_groups(table, table.positions[group_by])
    except UnicodeError:
        raise FileUnusable("The text of the file cannot be decoded.") from None


def _survey_groups(table: Table, column: int) -> Precheck:
    clean = one_line(120)
    width = len(table.header)
    seen: set[str] = set()
    scattered: set[str] = set()
    torn = _Torn(column, width)
    rows = 0
    last: str | None = None
    key = ""
    for _, row in table.rows():
        rows += 1
        if len(row) != width:
            torn.add(row)
            continue
        if row[column] == last:
            continue
        last, before = row[column], key
        key = clean(last)
        if not key or isinstance(key, Refused):
            torn.add_nameless(before)
        if key in seen:
            scattered.add(key)
        else:
            seen.add(key)
    return Precheck(rows, frozenset(scattered), torn.among(seen))


class _Torn:
    """The groups of rows that nobody can read: with cells too many or too few, or
    without a key."""

    def __init__(self, column: int, width: int) -> None:
        self._column, self._width = column, width
        self._clean = one_line(120)
        self._found: set[tuple[str, ...]] = set()
        self._before: set[str] = set()

    def add(self, row: Row) -> None:
        """The key stands at its place counted from the left, or from the right where
        the odd cell comes before it."""
        _, cells = unreadable(row)
        places = (self._column, len(cells) - self._width + self._column)
        keys = (self._clean(cells[at]) for at in places if 0 <= at < len(cells))
        self._found.add(tuple(keys))

    def add_nameless(self, before: str) -> None:
        """A row without a key goes on with the group before it."""
        self._before.add(before)

    def among(self, groups: set[str]) -> frozenset[str]:
        """Of two readings, the first that is a group of the file."""
        found = {next((k for k in keys if k in groups), "") for keys in self._found}
        return frozenset((found | self._before) - {""})


def in_whole_groups(
    table: Table, found: Precheck, *, group_by: str
) -> Iterator[tuple[int, Row]]:
    """The rows in file order, those of scattered groups last and then together."""
    if not found.scattered:
        return table.rows()
    return _with_spool(table, found.scattered, table.positions[group_by])


def _with_spool(
    table: Table, scattered: frozenset[str], column: int
) -> Iterator[tuple[int, Row]]:
    clean = one_line(120)
    with ExitStack() as files:
        buckets = [
            files.enter_context(tempfile.TemporaryFile("w+", encoding="ascii"))
            for _ in range(BUCKETS)
        ]
        width = len(table.header)
        for line, row in table.rows():
            key = clean(row[column]) if len(row) == width else ""
            if key not in scattered:
                yield line, row
            else:
                bucket = zlib.crc32(key.encode("utf-8", "replace")) % BUCKETS
                buckets[bucket].write(json.dumps([key, line, row]) + "\n")
        for file in buckets:
            yield from _grouped(file)


def _grouped(file: IO[str]) -> Iterator[tuple[int, Row]]:
    file.seek(0)
    groups: dict[str, list[tuple[int, Row]]] = {}
    for text in file:
        key, line, row = json.loads(text)
        groups.setdefault(key, []).append((line, row))
    for group in groups.values():
        yield from group
