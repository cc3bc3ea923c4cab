"""Cells of the fields that staff made, with the readers that other columns have."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm.rules import custom_values
from crm.rules.choices import CustomKind
from crm.rules.custom_values import DIGITS, PLACES, Definition
from crm.services.imports.values.cells import Refused, is_nothing, plain
from crm.services.imports.values.days import day_of
from crm.services.imports.values.numbers import currencies_named, number
from web.errors import InvalidValue

NUMBERS = (CustomKind.NUMBER, CustomKind.MONEY)


@dataclass(frozen=True)
class CellWays:
    """How the cells of a file are written; empty: each must tell by itself."""

    currency: str = ""  # of an amount without one
    numbers: str = ""
    date_order: str = ""
    has_serial_dates: bool = False


def read(known: Definition, raw: str, *, currency: str = "") -> Any:
    """The value that a cell means, None where it says nothing. Raises InvalidValue."""
    return reader(known, CellWays(currency=currency))(raw)


def reader(known: Definition, ways: CellWays) -> Callable[[str], Any]:
    """As `read`, for many cells."""
    prepared = _prepared(known, ways)

    def answer(raw: str) -> Any:
        return None if is_nothing(raw) else custom_values.read(known, prepared(raw))

    return answer


def _prepared(known: Definition, ways: CellWays) -> Callable[[str], Any]:
    """The cell as machines write it."""
    if known.kind in NUMBERS:
        read_number = number(digits=DIGITS, places=PLACES, mark=ways.numbers)

        def numeric(raw: str) -> Any:
            amount = _told(known, read_number(raw))
            if known.kind is CustomKind.NUMBER:
                return amount
            return {"amount": amount, "currency": _currency(known, raw, ways.currency)}

        return numeric
    if known.kind is CustomKind.DATE:
        return lambda raw: _told(
            known,
            day_of(raw, order=ways.date_order, has_serials=ways.has_serial_dates),
        )
    if known.kind in (CustomKind.TEXT, CustomKind.CHOICES):
        return str
    return plain


def _told(known: Definition, found: Decimal | date | Refused) -> Any:
    if isinstance(found, Refused):
        raise InvalidValue(fields={custom_values.name_of(known.key): str(found)})
    return found


def _currency(known: Definition, raw: str, default: str) -> str:
    """That of the cell; a sign of several, such as $, is the default's where it is one
    of them."""
    named = currencies_named(raw)
    if len(named) == 1:
        return next(iter(named))
    if default and (not named or default in named):
        return default
    raise InvalidValue(fields={custom_values.name_of(known.key): "currency_unknown"})
