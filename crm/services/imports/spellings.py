"""How dates and numbers of a file are written, as far as its first rows tell. Pure."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_DAY = re.compile(r"'?([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{2,4})(?![0-9]).*")
_POINT = re.compile(r"[0-9](?:,[0-9]{3})*\.[0-9]{1,2}(?![0-9])|,[0-9]{3}\.|,[0-9]{3},")
_COMMA = re.compile(
    r"[0-9](?:\.[0-9]{3})*,[0-9]{1,2}(?![0-9])|\.[0-9]{3},|\.[0-9]{3}\."
)
_OPEN = re.compile(r"[0-9][.,][0-9]{3}(?![0-9])")


class Found(NamedTuple):
    """`value` as `Options` has it, empty where nothing but the plain form stands there.
    `example`: a cell that several ways would read; empty where none is in doubt."""

    value: str
    example: str


def date_order(cells: Iterable[str], *, usual: str) -> Found:
    """`usual`: the order that the shop's country writes, where no cell tells."""
    example = ""
    for cell in cells:
        if found := _DAY.fullmatch(cell.strip()):
            first, second = int(found[1]), int(found[2])
            if first > 12 >= second:
                return Found("dmy", "")
            if second > 12 >= first:
                return Found("mdy", "")
            # 5/5 is the same day either way.
            if not example or first != second:
                example = cell.strip()
    return Found(usual if example else "", example)


def numbers(cells: Iterable[str]) -> Found:
    """Whether a comma or a point stands before the fraction."""
    example = ""
    for cell in cells:
        has_point, has_comma = _POINT.search(cell), _COMMA.search(cell)
        if has_point and not has_comma:
            return Found("point", "")
        if has_comma and not has_point:
            return Found("comma", "")
        if _OPEN.search(cell):
            example = example or cell.strip()
    return Found("point" if example else "", example)
