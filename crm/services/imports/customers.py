"""The rules of a customer's row, and its way into a slice."""

from collections.abc import Iterable, Iterator
from operator import itemgetter

from crm.customer_facts import FACTS, IMPORTED_LINES, IMPORTED_NAMES
from crm.services.imports.columns import Fields
from crm.services.imports.customer_cells import (
    LINE_COLUMNS,
    CustomerCells,
    CustomerSettings,
)
from crm.services.imports.empty_cells import EmptyCells
from crm.services.imports.hashed_ids import IdSet, lasting_hash
from crm.services.imports.reading import Columns, Row, unreadable
from crm.services.imports.skipped_cells import CellNotes, RowRefused, note_date_order
from crm.services.imports.slices import NULL, Slice, escaped, or_null
from crm.services.imports.values import Refused
from crm.sql.app_columns import CELLS

FIELDS = Fields(
    required=frozenset(),
    known=frozenset({"external_id", "name"})
    | {fact.import_column for fact in FACTS if fact.import_column},
    one_of=(frozenset({"external_id", "email", "phone", "name", *IMPORTED_NAMES}),),
    takes_custom=True,
    # So that a plain list of name, email and since comes in as it is.
    synonyms={"since": "customer_since", "member_since": "customer_since"},
)
# The cells of a row as _check takes them apart.
_COLUMNS = (
    *("external_id", "name", "given_name", "family_name", "email", "phone"),
    *("language", "time_zone", "country", "birthday", "customer_since", "tags"),
    *LINE_COLUMNS,
)
# The columns of a row as _check puts it together for COPY.
STAGED = (
    *("no", "external_id"),
    *("given_name", "family_name", "greeting_name", "sort_name", "search_text"),
    *("email", "email_norm", "phone_e164", "phone_text"),
    *("language", "time_zone", "country"),
    *("birth_month", "birth_day", "birth_year", "since_on"),
    *("tags", "custom", "erased"),
    *(fact.name for fact in IMPORTED_LINES),
)
SLICE_ROWS = 16_000  # see orders.SLICE_LINES


class CustomerCheck:
    """Checks rows in file order. An empty cell says nothing: it changes nothing."""

    def __init__(self, table: Columns, settings: CustomerSettings) -> None:
        self._settings = settings
        self._width = len(table.header)
        lacking = len(table.header)
        self._cells_of = itemgetter(
            *(table.positions.get(name, lacking) for name in _COLUMNS)
        )
        self._seen = IdSet()
        self._slice = Slice()
        self._rows: list[str] = []
        self._told: list[str] = []  # in columns of other apps
        self._erased = (
            EmptyCells(table, settings.custom) if settings.modes.erase_empty else None
        )
        self._key_of = settings.ids.key_of if settings.modes.by_address else None
        self._last_key = ""
        self._cell_notes = CellNotes(self._slice, is_strict=settings.cells.is_strict)
        self._cells = CustomerCells(table, settings, self._cell_notes)

    def slices(self, rows: Iterable[tuple[int, Row]]) -> Iterator[Slice]:
        """The rows checked and divided into slices, in their order."""
        for line, row in rows:
            if self._is_full(row):
                yield self._taken()
            if len(row) != self._width:
                self._slice.refuse(line, *unreadable(row))
                yield from self._slice.overflow()
                continue
            checked = self._check(line, row)
            if isinstance(checked, Refused):
                self._slice.refuse(line, checked, row)
                yield from self._slice.overflow()
                continue
            self._rows.append(checked)
        yield self._taken()

    def _is_full(self, row: Row) -> bool:
        """Whether the slice ends before this row: rows of one person stay together."""
        key = self._key_of(row) if self._key_of else ""
        is_next = bool(key) and key == self._last_key
        self._last_key = key
        return len(self._rows) >= (2 * SLICE_ROWS if is_next else SLICE_ROWS)

    def carried(self) -> bytes:
        """What the next step has to know of the rows so far."""
        return self._seen.as_bytes()

    def resume(self, carried: bytes) -> None:
        """Go on with what `carried` gave in an earlier step."""
        self._seen = IdSet(carried)

    def _check(self, line: int, row: Row) -> str:
        """The row as COPY writes it, or Refused."""
        # An empty cell at the end stands for every column that the file lacks.
        cells = self._cells_of([*row, ""])
        written, full, given, family, email, phone = cells[:6]
        language, zone, country, born, joined, tags = cells[6:12]
        external_id = self._settings.ids.read(written, row)
        if isinstance(external_id, Refused):
            return external_id
        hashed = lasting_hash(external_id)
        if self._seen.has(hashed):
            return Refused("twice_in_file")
        if self._is_erased(external_id, written):
            return Refused("customer_erased")
        self._cell_notes.line = line
        read = self._cells
        try:
            lines = read.lines(cells[12:])
            custom = read.custom(row)
            parts = (
                read.naming(
                    (full, given, family), language, lines, custom, external_id
                ),
                read.contact(email, phone, country),
                read.place(language, zone, country),
                read.days(born, joined),
                read.rest(tags, custom),
                self._erased.read(row) if self._erased else NULL,
            )
        except RowRefused as refused:
            return refused.code
        told = self._settings.apps.read(row)
        if isinstance(told, Refused):
            return told
        if not self._settings.modes.joins_rows:
            self._seen.add_hash(hashed)
        if self._settings.modes.refuses_late:
            self._slice.rows[line] = row
        if told:
            self._told.append(f"{line}\t{told}\n")
        cells = (str(line), escaped(external_id), *parts, *map(or_null, lines))
        return "\t".join(cells) + "\n"

    def _is_erased(self, external_id: str, written: str) -> bool:
        """Also by the id as it is written: older ids may have had capitals."""
        is_erased = self._settings.erased.is_erased
        return is_erased(external_id) or (
            external_id != written and is_erased(written.strip())
        )

    def _taken(self) -> Slice:
        full, self._slice = self._slice, Slice()
        note_date_order(full, self._cells.date_counts)
        self._cell_notes.part = self._slice
        rows, self._rows = self._rows, []
        told, self._told = self._told, []
        full.accepted = len(rows)
        full.staged = {"import_customer": rows, CELLS: told}
        return full
