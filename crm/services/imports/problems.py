"""The first refused rows of a run, each with the cell that it was refused for."""

from typing import TypedDict

from crm.services.imports.reading import Columns
from crm.services.imports.reasons import field_of
from crm.services.imports.slices import Refusal

MOST_PROBLEMS = 100
_CELL_MOST = 200


class Problem(TypedDict):
    """`column` is the name in the file, empty where no cell alone is the reason."""

    line: int
    code: str
    column: str
    cell: str


def problem_of(refused: Refusal, columns: Columns) -> Problem:
    at = columns.positions.get(field_of(refused.code), len(columns.header))
    is_known = at < len(columns.header) and at < len(refused.row)
    return Problem(
        line=refused.line,
        code=refused.code,
        column=columns.header[at].strip() if is_known else "",
        cell=_written(refused.row[at])[:_CELL_MOST] if is_known else "",
    )


def _written(cell: str) -> str:
    """As the database can keep it."""
    return cell.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
