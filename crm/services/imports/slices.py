"""What the checks hand to the loader, one slice at a time."""

import queue
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from crm.services.imports.proposals import Suspect
from crm.services.imports.reading import Row
from crm.services.imports.values.cells import shown

NULL = r"\N"
MOST_REFUSALS = 10_000
MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not imported, and why."""

    line: int
    code: str
    row: Row
    # The cell that it is about, where the words name it.
    cell: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cell that could not be read, of a row that went in without it."""

    line: int
    column: str
    code: str
    cell: str


class Notes(Counter[str]):
    """What people should know of rows that went in: code -> rows, and a few of them."""

    def __init__(self) -> None:
        super().__init__()
        self.examples: dict[str, list[str]] = {}

    def add(self, code: str, *, rows: int = 1, example: str = "") -> None:
        """Count so many rows under this code, with an example."""
        self[code] += rows
        known = self.examples.setdefault(code, [])
        if example and len(known) < MOST_EXAMPLES and example not in known:
            known.append(example)

    def add_all(self, others: "Notes") -> None:
        """Add the counts and examples of others."""
        for code, rows in others.items():
            self.add(code, rows=rows)
            for example in others.examples[code]:
                self.add(code, rows=0, example=example)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Notes":
        """What `as_json` wrote."""
        notes = cls()
        for code, known in data.items():
            notes[code] = known["rows"]
            notes.examples[code] = list(known["examples"])
        return notes

    def as_json(self) -> dict[str, object]:
        """Rows and examples by code, the most frequent first."""
        return {
            code: {"rows": rows, "examples": self.examples[code]}
            for code, rows in self.most_common()
        }


@dataclass(slots=True)
class Slice:
    """Rows that are loaded in one transaction, as text for COPY, and those refused."""

    accepted: int = 0
    # Some rows name customers that this run makes, by their external id.
    has_references: bool = False
    # Those of them who were erased and bought again.
    returned: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    # What was accepted although a cell could not be used.
    notes: Notes = field(default_factory=Notes)
    # Those cells; each is counted in the notes too.
    left_out: list[LeftOut] = field(default_factory=list)
    # Products that may be no goods, by their number.
    suspects: dict[int, Suspect] = field(default_factory=dict)
    # The accepted rows by their lines, where the database may refuse some.
    rows: dict[int, Row] = field(default_factory=dict)
    # Table of the staging -> lines of text for COPY.
    staged: dict[str, list[str]] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """How many rows of the file it is."""
        return self.accepted + len(self.refusals)

    def refuse(self, line: int, code: str, row: Row) -> None:
        """Leave the row of this line out, for this reason."""
        cell = getattr(code, "cell", "")
        self.refusals.append(Refusal(line, str(code), row, cell))

    def leave_out(self, line: int, column: str, code: str, cell: str) -> None:
        """Leave one cell out; its row is imported without it."""
        self.left_out.append(LeftOut(line, column, code, cell))
        self.notes.add(code, example=shown(cell))

    def without(self, refused: Iterable[tuple[int, str]]) -> "Slice":
        """The slice where these of the accepted rows are refused: line and reason."""
        more = [Refusal(line, code, self.rows[line]) for line, code in refused]
        if not more:
            return self
        return replace(
            self,
            accepted=self.accepted - len(more),
            refusals=[*self.refusals, *more],
        )

    def overflow(self) -> "Iterator[Slice]":
        """Hand over the refusals alone when they pile up: a file of nothing but bad
        rows must not fill the memory."""
        if len(self.refusals) >= MOST_REFUSALS:
            refusals, self.refusals = self.refusals, []
            yield Slice(refusals=refusals)


def escaped(value: str) -> str:
    """A cell of COPY's text format. Tabs and line ends were refused before."""
    return value.replace("\\", "\\\\") if "\\" in value else value


def or_null(value: str) -> str:
    """Return the value as COPY reads it, NULL where it is empty."""
    return escaped(value) if value else NULL


S = TypeVar("S")
_END = object()


def read_ahead(slices: Iterable[S]) -> Iterator[S]:
    """Check the next slice while the database loads this one.

    The thread only reads and checks; it never touches the database.
    """
    ready: queue.Queue[object] = queue.Queue(maxsize=1)
    stopped = threading.Event()
    thread = threading.Thread(
        target=_fill, args=(slices, ready, stopped), name="import-checks", daemon=True
    )
    thread.start()
    try:
        while (item := ready.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc] # the queue also holds errors and the end
    finally:
        stopped.set()
        while thread.is_alive():
            _take_rest(ready)
            thread.join(0.05)


def _fill(
    slices: Iterable[S], ready: "queue.Queue[object]", stopped: threading.Event
) -> None:
    try:
        for item in slices:
            ready.put(item)
            if stopped.is_set():
                return
        ready.put(_END)
    except BaseException as error:  # handed over, and raised where the run is
        ready.put(error)


def _take_rest(ready: "queue.Queue[object]") -> None:
    try:
        ready.get_nowait()
    except queue.Empty:
        pass
