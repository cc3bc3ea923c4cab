"""The check of a kind of file whose rows each stand by themselves."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from crm.services.imports.parts import Numbered, Parts
from crm.services.imports.reading import Row, unreadable
from crm.services.imports.slices import Slice
from crm.services.imports.values import Refused


class RowCheck(ABC):
    """Checks rows in file order, and stages those that may go in.

    `columns`: the names that `_cells` returns, in their order; `table`: what the rows
    are staged for; `most`: how many rows make a slice.
    """

    def __init__(
        self, parts: Parts, columns: Sequence[str], *, table: str, most: int
    ) -> None:
        self._width = lacking = len(parts.header)
        self._cells_of = itemgetter(
            *(parts.positions.get(name, lacking) for name in columns)
        )
        self._table = table
        self._most = most
        self._slice = Slice()
        self._rows: list[str] = []

    def slices(self, rows: Iterable[Numbered]) -> Iterator[Slice]:
        """What the rows become, slice by slice; the last may be empty."""
        for line, row in rows:
            self._take(line, row)
            yield from self._slice.overflow()
            if len(self._rows) >= self._most:
                yield self._taken()
        yield self._taken()

    def carried(self) -> bytes:
        """Rows know nothing of each other: the database finds those that are there."""
        return b""

    def resume(self, carried: bytes) -> None:  # noqa: B027
        """Nothing was carried."""

    @abstractmethod
    def _check(self, line: int, row: Row) -> str:
        """The row as COPY writes it, or Refused."""

    def _cells(self, row: Row) -> list[str]:
        # An empty cell at the end stands for every column that the file lacks.
        return [cell.strip() for cell in self._cells_of([*row, ""])]

    def _take(self, line: int, row: Row) -> None:
        if len(row) != self._width:
            self._slice.refuse(line, *unreadable(row))
            return
        checked = self._check(line, row)
        if isinstance(checked, Refused):
            self._slice.refuse(line, checked, row)
        else:
            self._rows.append(checked)

    def _taken(self) -> Slice:
        full, self._slice = self._slice, Slice()
        rows, self._rows = self._rows, []
        full.accepted = len(rows)
        full.staged = {self._table: rows}
        return full
