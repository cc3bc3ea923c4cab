"""Quantity, price and amount of an order line, from whatever the file gives."""

from dataclasses import dataclass
from decimal import Decimal

from crm.rules import money
from crm.services.imports import values
from crm.services.imports.values import Refused

# With MOST_LINES_OF_AN_ORDER such lines a total still fits its column.
AMOUNT_LIMIT = Decimal(10) ** 10

# quantity, unit price, line total, currency: as the file spells them
Cells = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Priced:
    """Quantity, price and amount as COPY writes them, and what the rules ask."""

    text: str
    amount: Decimal
    is_taken: bool
    sign: int  # of the price


class Pricing:
    """Reads the cells of a line; the same cells have the same answer."""

    def __init__(self, *, decimal_comma: bool) -> None:
        self._known: dict[Cells, Priced | Refused] = {}
        self._quantity = values.remembering(
            values.number(digits=8, places=3, decimal_comma=decimal_comma)
        )
        self._price = values.remembering(
            values.number(digits=8, places=12, decimal_comma=decimal_comma)
        )

    def read(self, cells: Cells) -> Priced | Refused:
        if (known := self._known.get(cells)) is not None:
            return known
        if len(self._known) >= values.REMEMBERED:
            self._known.clear()
        self._known[cells] = priced = self._work_out(*cells)
        return priced

    def _work_out(
        self, quantity: str, price: str, total: str, currency: str
    ) -> Priced | Refused:
        count = self._quantity(quantity)
        if isinstance(count, Refused):
            return count.of("quantity")
        if not count:
            return Refused("quantity_zero")
        sums = self._sums(count, price, total, currency)
        if isinstance(sums, Refused):
            return sums
        each, amount = sums
        if abs(amount) >= AMOUNT_LIMIT:
            return Refused("amount_out_of_range")
        sign = (each > 0) - (each < 0)
        return Priced(f"{count}\t{each:f}\t{amount}", amount, count > 0, sign)

    def _sums(
        self, count: Decimal, price: str, total: str, currency: str
    ) -> tuple[Decimal, Decimal] | Refused:
        """(unit price, amount): the amount is rounded once, from what is given."""
        if price.strip():
            each = self._price(price)
            if isinstance(each, Refused):
                return each.of("price")
            return each, money.line_amount(count, each, currency)
        if not total.strip():
            return Refused("price_missing")
        amount = self._price(total)
        if isinstance(amount, Refused):
            return amount.of("price")
        return amount / count, money.round_money(amount, currency)
