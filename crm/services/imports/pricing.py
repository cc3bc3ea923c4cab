"""Quantity, price, amount and tax of an order line, from whatever the file gives."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from crm.rules import trade
from crm.services.imports import values
from crm.services.imports.slices import NULL
from crm.services.imports.values import Refused
from crm.services.imports.values.numbers import currencies_named
from crm.services.imports.values.words import mapped
from web.rules import money

# With MOST_LINES_OF_AN_ORDER such lines a total still fits its column.
AMOUNT_LIMIT = Decimal(10) ** 10


# Plain tuples: a million lines make a million of each.
# value, text for COPY, sign, the currencies that a sign beside it may mean
Number = tuple[Decimal, str, int, frozenset[str]]
# quantity, price and amount as COPY writes them; amount; is the quantity positive;
# sign of the price
Priced = tuple[str, Decimal, bool, int]


class Pricing:
    """Reads the cells of a line; numbers that were read once are remembered."""

    def __init__(self, *, mark: str) -> None:
        self._quantity = values.remembering(_number(8, 3, mark))
        self._price = values.remembering(_number(8, 8, mark))

    def read(
        self, quantity: str, price: str, total: str, currency: str
    ) -> Priced | Refused:
        """Quantity and price of a line from its cells; or why it is refused."""
        count = self._quantity(quantity)
        if isinstance(count, Refused):
            return count.of("quantity")
        if not count[2]:
            return Refused("quantity_zero")
        each = self._price(price) if price or not total else None
        if isinstance(each, Refused):
            if not values.is_nothing(price):
                return each.of("price")
            if values.is_nothing(total):
                return Refused("price_missing")
            each = None
        if each is None:
            return self._of_total(count, total, currency)
        if each[3] and currency not in each[3]:
            return Refused("price_other_currency", price)
        # Rounded once, from what the file gives.
        amount = money.line_amount(count[0], each[0], currency)
        return _priced(count, each, amount)

    def _of_total(self, count: Number, total: str, currency: str) -> Priced | Refused:
        given = self._price(total)
        if isinstance(given, Refused):
            return given.of("price")
        if given[3] and currency not in given[3]:
            return Refused("price_other_currency", total)
        amount = money.round_money(given[0], currency)
        each = given[0] / count[0]
        return _priced(
            count, (each, f"{each:f}", given[2] * count[2], given[3]), amount
        )


class TaxReader:
    """Reads the tax that the amount of a line contains. `words`: what the file says in
    place of a number, and ours for it."""

    def __init__(self, *, mark: str, words: Mapping[str, str]) -> None:
        self._said = mapped(str, words)
        self._read = values.remembering(_number(8, 8, mark))

    def read(
        self, within: str, on_top: str, amount: Decimal, currency: str
    ) -> str | Refused:
        """As COPY writes it: what it contains (`within`); nothing where the tax comes
        on top; NULL where neither cell says. Refused where it is no part of it."""
        said = self._said(within) if within else ""
        if not values.is_nothing(said):
            given = self._read(said)
            if isinstance(given, Refused):
                return given.of("line_tax")
            return self._part_of(amount, given, within, currency)
        if values.is_nothing(on_top):
            return NULL
        return NULL if isinstance(self._read(on_top), Refused) else "0"

    @staticmethod
    def _part_of(
        amount: Decimal, given: Number, cell: str, currency: str
    ) -> str | Refused:
        if given[3] and currency not in given[3]:
            return Refused("tax_other_currency", cell)
        tax = money.round_money(given[0], currency)
        # Many programs write what a return gives back without a sign.
        if amount < 0 < tax:
            tax = -tax
        if not trade.is_tax_of(tax, amount):
            return Refused("tax_no_part", cell)
        return str(tax)


def _priced(count: Number, each: Number, amount: Decimal) -> Priced | Refused:
    if not -AMOUNT_LIMIT < amount < AMOUNT_LIMIT:
        return Refused("amount_out_of_range")
    return f"{count[1]}\t{each[1]}\t{amount}", amount, count[2] > 0, each[2]


def _number(digits: int, places: int, mark: str) -> Callable[[str], Number | Refused]:
    read_decimal = values.number(digits=digits, places=places, mark=mark)

    def read(raw: str) -> Number | Refused:
        value = read_decimal(raw)
        if isinstance(value, Refused):
            return value
        sign = (value > 0) - (value < 0)
        return value, f"{value:f}", sign, currencies_named(raw)

    return read
