"""Cells that are left out of a row that goes in; a strict run refuses the row."""

from crm.services.imports.slices import Slice
from crm.services.imports.values import Refused
from crm.services.imports.values.date_orders import DateCounts

_ORDER_NOTES = {"dmy": "dates_day_first", "mdy": "dates_month_first"}
_UNCLEAR = ("date_ambiguous", "date_short_year", "birthday_ambiguous")


class RowRefused(Exception):
    """A cell for which the whole row is refused."""

    def __init__(self, code: Refused) -> None:
        super().__init__(code)
        self.code = code


class CellNotes:
    """Is told of every cell that could not be used. `part` and `line` are those of the
    row that is read just now."""

    def __init__(self, part: Slice, *, is_strict: bool) -> None:
        self.part = part
        self.line = 0
        self._is_strict = is_strict

    def leave_out(self, column: str, code: str, cell: str) -> str:
        """Note the cell and return what stands in its place, an empty text.

        Raises RowRefused in a strict run, and for bytes that are no text: such a row
        was damaged on its way, and its other cells may be too.
        """
        if self._is_strict or code.endswith("not_text"):
            raise RowRefused(Refused(code, cell))
        self.part.leave_out(self.line, column, code, cell)
        return ""

    def note(self, column: str, code: str, cell: str) -> None:
        """What people should know of a cell that was read, in a strict run too."""
        self.part.leave_out(self.line, column, code, cell)


def note_date_order(part: Slice, counts: DateCounts) -> None:
    """Where some dates could be two days and others tell the order, propose it."""
    order, proof = counts.settled
    if order not in _ORDER_NOTES:
        return
    codes = [one.code for one in part.refusals] + [one.code for one in part.left_out]
    unclear = sum(code.endswith(_UNCLEAR) for code in codes)
    if unclear:
        part.notes.add(_ORDER_NOTES[order], rows=unclear, example=proof)
