"""One look at every row before anything is loaded.

It finds the orders whose lines are scattered over the file: those are set aside and
come last, so that every order is loaded as a whole. It also finds the orders that rows
belong to which cannot be split into cells: an order of which a line is unreadable is
not whole.
"""

from array import array
from collections.abc import Sequence

from crm.services.imports.hashed_ids import IdSet, lasting_hash
from crm.services.imports.reading import Row, unreadable
from crm.services.imports.values import Refused, identifier

clean_id = identifier(120)


class Groups:
    """The groups of a file, by the cells of one column, as its rows come in order."""

    def __init__(self, column: int, width: int, buyers: Sequence[int] = ()) -> None:
        """`buyers`: the columns that may name somebody by an address."""
        self._column, self._width, self._buyers = column, width, buyers
        self.names_addresses = False
        self._seen = IdSet()
        self.scattered = IdSet()
        self._torn = _Torn(column, width)
        self._last: str | None = None
        self._key = ""

    def add(self, row: Row) -> bool:
        """Whether another group begins with this row."""
        if len(row) != self._width:
            self._torn.add(row)
            return False
        cell = row[self._column]
        if cell == self._last:
            return False
        if not self.names_addresses:
            self.names_addresses = any("@" in row[at] for at in self._buyers)
        self._last, before = cell, self._key
        self._key = clean_id(cell)
        if not self._key or isinstance(self._key, Refused):
            self._torn.add_nameless(before)
        if not self._seen.add(self._key):
            self.scattered.add(self._key)
        return self._key != before

    def key_of(self, row: Row) -> str:
        """What the rows of one group have in common."""
        return clean_id(row[self._column])

    def torn(self) -> IdSet:
        """The groups of rows that cannot be read."""
        return self._torn.among(self._seen)


class _Torn:
    """The groups of rows that cannot be read: with cells too many or too few, or
    without a key."""

    def __init__(self, column: int, width: int) -> None:
        self._column, self._width = column, width
        # Two readings of each row, 0 for none.
        self._found = array("Q")
        self._before = IdSet()

    def add(self, row: Row) -> None:
        """The key stands at its place counted from the left, or from the right where
        the odd cell comes before it."""
        _, cells = unreadable(row)
        for at in (self._column, len(cells) - self._width + self._column):
            key = clean_id(cells[at]) if 0 <= at < len(cells) else ""
            self._found.append(lasting_hash(key) if key else 0)

    def add_nameless(self, before: str) -> None:
        """A row without a key goes on with the group before it."""
        if before:
            self._before.add(before)

    def among(self, groups: IdSet) -> IdSet:
        """Of two readings, the first that is a group of the file."""
        torn = self._before
        for first, second in zip(self._found[::2], self._found[1::2], strict=True):
            for hashed in (first, second):
                if hashed and groups.has(hashed):
                    torn.add_hash(hashed)
                    break
        return torn
