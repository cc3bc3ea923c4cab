"""The first refused rows of a run, each with the cell that it was refused for."""

from typing import TypedDict

from crm.services.imports.reading import Columns
from crm.services.imports.reason_fields import field_of
from crm.services.imports.reasons import in_words, note_in_words
from crm.services.imports.slices import LeftOut, Refusal

MOST_PROBLEMS = 100
_CELL_MOST = 200


class Problem(TypedDict):
    """`column` is the name in the file, empty where no cell alone is the reason."""

    line: int
    code: str
    column: str
    cell: str
    # The row went in without the cell, or is refused.
    is_left_out: bool


def problem_of(refused: Refusal, columns: Columns) -> Problem:
    """Return what the page shows of a refused row: line, column, cell and reason."""
    at = columns.positions.get(field_of(refused.code), len(columns.header))
    is_known = at < len(columns.header) and at < len(refused.row)
    cell = refused.cell or (refused.row[at] if is_known else "")
    return Problem(
        line=refused.line,
        code=refused.code,
        column=columns.header[at].strip() if is_known else "",
        cell=_written(cell)[:_CELL_MOST],
        is_left_out=False,
    )


def left_out_of(left: LeftOut, columns: Columns) -> Problem:
    """A cell that its row went in without."""
    at = columns.positions.get(left.column, len(columns.header))
    is_known = at < len(columns.header)
    return Problem(
        line=left.line,
        code=left.code,
        column=columns.header[at].strip() if is_known else left.column,
        cell=_written(left.cell)[:_CELL_MOST],
        is_left_out=True,
    )


def problem_in_words(problem: Problem) -> str:
    """Return the reason as a sentence in the language of the reader."""
    if problem.get("is_left_out"):
        return note_in_words(problem["code"])
    return in_words(problem["code"], problem["cell"])


def _written(cell: str) -> str:
    """As the database can keep it."""
    return cell.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
