"""What was worked out of the cells, kept by each process until they change.

It is found by the state that the cells and the rows that wait are in. Nobody has to
tell a process that something changed, and nothing is ever old:

* the cells have a state with a name that comes but once (`CellBook.state`): a trigger
  gives them another in the transaction that changes them, or takes waiting rows away;
* between two of these, rows that wait only become more. So their number says which they
  are, whichever transactions wrote them.

A transaction that has written something sees rows that nobody else does, and may be
undone: it keeps nothing, and takes nothing that was kept.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from psycopg.sql import SQL

from surveys.selectors.rows import rows_of

_T = TypeVar("_T")
# Of some dozens of pages: a page of results has five, of a few kilobytes each.
MOST_KEPT = 500
# Of more rows that wait, as while a file comes in, nothing is kept: to count them takes
# as long as to read them.
MOST_WAITING = 5_000
# A server of the database that was put back to an earlier moment has started since.
_BOOK = SQL("""
SELECT b.state, waiting.number, pg_postmaster_start_time(),
    waiting.number <= {most} AND pg_current_xact_id_if_assigned() IS NULL
FROM surveys_cellbook b, (
    SELECT count(*) AS number FROM (
        SELECT FROM surveys_celldelta LIMIT {most} + 1
    ) few
) waiting
WHERE b.time_zone = {zone}
""")

_lock, _kept = Lock(), OrderedDict[Hashable, Any]()


@dataclass(frozen=True)
class Book:
    """Whether cells are counted by the days of a zone; `state`: the one that they and
    what waits are in, None where nothing may be kept."""

    has_days: bool = False
    state: Hashable = None


def book_of(zone: ZoneInfo) -> Book:
    """As it is now. What is read afterwards is of this state or of a later one."""
    for *state, may_keep in rows_of(_BOOK.format(most=MOST_WAITING, zone=zone.key)):
        return Book(has_days=True, state=(zone.key, *state) if may_keep else None)
    return Book()


def once(state: Hashable, key: Hashable, work: Callable[[], _T]) -> _T:
    """What was worked out in this state; nobody may change it. `key`: all else that it
    depends on."""
    if state is None:
        return work()
    with _lock:
        if (state, key) in _kept:
            _kept.move_to_end((state, key))
            found: _T = _kept[state, key]
            return found
    found = work()
    with _lock:
        _kept[state, key] = found
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def forget() -> None:
    """As in a process that has just begun."""
    with _lock:
        _kept.clear()
