"""One look at every row before anything is loaded.

It finds what makes a file unusable while nothing has been written yet, counts the rows
for the progress bar, and finds the orders whose lines are scattered over the file:
those are set aside and come last, so that every order is loaded as a whole.
"""

import json
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

from crm.errors import FileUnusable
from crm.services.imports.reading import Row, Table
from crm.services.imports.values import one_line

# Each holds its share of the scattered rows in memory, one after the other.
BUCKETS = 32


@dataclass(frozen=True)
class Survey:
    rows: int
    scattered: frozenset[str] = frozenset()


def survey(table: Table, *, group_by: str = "") -> Survey:
    """Count the rows; with `group_by`, find its values that are not contiguous."""
    try:
        if not group_by:
            return Survey(sum(1 for _ in table.rows()))
        return _survey_groups(table, table.positions[group_by])
    except UnicodeError:
        raise FileUnusable("The text of the file cannot be decoded.") from None


def _survey_groups(table: Table, column: int) -> Survey:
    clean = one_line(120)
    seen: set[str] = set()
    scattered: set[str] = set()
    rows = 0
    last: str | None = None
    for _, row in table.rows():
        rows += 1
        if len(row) <= column or row[column] == last:
            continue
        last = row[column]
        key = clean(last)
        if key in seen:
            scattered.add(key)
        else:
            seen.add(key)
    return Survey(rows, frozenset(scattered))


def in_whole_groups(
    table: Table, found: Survey, *, group_by: str
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
        for line, row in table.rows():
            key = clean(row[column]) if len(row) > column else ""
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
