"""Replay into a database that was put back what the journal recorded since.

Each app registers how its kinds are read back, in `<app>/journal_entries.py`. Replayed
once or ten times, the rows are the same. Nothing is written to the journal meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from crm.services.journal import files, position
from crm.services.journal.files import Entry
from crm.services.journal.recording import replaying

# Entries of transactions that were still open when the copy was made stand before the
# position of the copy, and the copy does not have them.
MARGIN = 10_000

# Give the entries again from the first one.
Read = Callable[[], Iterator[Entry]]
# The entries and the present moment, to how many things of which sort were changed.
Apply = Callable[[Read, datetime], Mapping[str, int]]


@dataclass(frozen=True)
class _Handler:
    order: int
    kinds: frozenset[str]
    apply: Apply


_handlers: list[_Handler] = []


def register(*kinds: str, order: int, apply: Apply) -> None:
    """Read these kinds back with `apply`, handlers of a lower `order` first."""
    _handlers.append(_Handler(order, frozenset(kinds), apply))


def replay(*, now: datetime) -> Counter[str]:
    """Apply what the journal knows since the copy; counts of what that changed.

    A failure ends it: what was applied before stays, and it can be run again.
    """
    after = max(position.state().position - MARGIN, 0)
    counts: Counter[str] = Counter()
    with replaying():
        for handler in sorted(_handlers, key=lambda handler: handler.order):
            read = partial(_entries, handler.kinds, after)
            counts.update(handler.apply(read, now))
    return counts


def _entries(kinds: frozenset[str], after: int) -> Iterator[Entry]:
    return (entry for entry in files.entries(after=after) if entry.kind in kinds)
