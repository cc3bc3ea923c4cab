"""How dates and numbers of a file are written, as far as its first rows tell. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from crm.services.imports.values.date_orders import date_order_of
from crm.services.imports.values.numbers import decimal_mark_of, number

_read_alone = number(digits=12, places=8)


class Found(NamedTuple):
    """`value` as `Options` has it, empty where nothing but the plain form stands there.
    `example`: a cell that several ways would read; empty where none is in doubt.
    `ways`: of dates, the orders in which every cell is a day; empty where none is.
    """

    value: str
    example: str
    ways: tuple[str, ...] = ()


def date_order(cells: Sequence[str], *, usual: str) -> Found:
    """`usual`: the order that the shop's country writes, where no cell tells.

    21-03-05 speaks for the day first and may still be a year: that is asked, too.
    """
    found = date_order_of(cells)
    if found.order and found.fitting == (found.order,):
        return Found(found.order, "")
    value = found.order or (usual if found.example else "")
    return Found(value, found.example, found.fitting)


def numbers(cells: Sequence[str]) -> Found:
    """Whether a comma or a point stands before the fraction."""
    mark, _ = decimal_mark_of(cells)
    if mark:
        return Found(mark, "")
    open_cells = (one.strip() for one in cells if _read_alone(one) == _AMBIGUOUS)
    example = next(open_cells, "")
    return Found("point" if example else "", example)


_AMBIGUOUS = "number_ambiguous"
