"""Cells that a spreadsheet would run as a formula, made harmless and read back.

A leading apostrophe makes it text; the one more that such a cell has is taken off when
it is read, so that every text comes back as it was.
"""

import re

_NUMBER = re.compile(r"[+-]?[0-9.,]+")
# The full-width signs count too: some programs read them as the narrow ones.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_QUOTED = re.compile("'+[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def harmless(cell: str) -> str:
    """The cell as text for a CSV file; a number stays one."""
    if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet might run this text where it is typed."""
    return harmless(cell) != cell


def as_meant(cell: str) -> str:
    """What somebody meant by this cell: the opposite of `harmless`."""
    return cell[1:] if _QUOTED.match(cell) else cell
