"""How dates and numbers of a file are written, as far as its first rows tell. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from crm.services.imports.values.date_forms import date_order_of
from crm.services.imports.values.numbers import decimal_mark_of, number

_read_alone = number(digits=12, places=8)


class Found(NamedTuple):
    """`value` as `Options` has it, empty where nothing but the plain form stands there.
    `example`: a cell that several ways would read; empty where none is in doubt."""

    value: str
    example: str


def date_order(cells: Sequence[str], *, usual: str) -> Found:
    """`usual`: the order that the shop's country writes, where no cell tells."""
    found = date_order_of(cells)
    if found.order:
        return Found(found.order, "")
    return Found(usual if found.example else "", found.example)


def numbers(cells: Sequence[str]) -> Found:
    """Whether a comma or a point stands before the fraction."""
    mark, _ = decimal_mark_of(cells)
    if mark:
        return Found(mark, "")
    open_cells = (one.strip() for one in cells if _read_alone(one) == _AMBIGUOUS)
    example = next(open_cells, "")
    return Found("point" if example else "", example)


_AMBIGUOUS = "number_ambiguous"
