"""The cells of an order line: goods, price, tax and nature."""

from collections.abc import Mapping
from decimal import Decimal

from crm.services.imports import values
from crm.services.imports.pricing import Pricing, TaxReader
from crm.services.imports.products import FileProducts
from crm.services.imports.slices import NULL, escaped
from crm.services.imports.values import Refused

# In the order of the fields that orders.py takes from a row.
COLUMNS = (
    "sku",
    "quantity",
    "unit_price",
    "line_total",
    "product",
    "category",
    "line_tax",
    "line_tax_added",
    "line_id",
    "returns_order",
    "returns_line",
)
LINE_ID = COLUMNS.index("line_id")
_RETURNS = COLUMNS.index("returns_order")
# Product, numbers, nature and tax of a line as COPY writes them; its amount; whether it
# is taken.
Line = tuple[str, Decimal, bool]
Known = dict[tuple[str, ...], Line | Refused]


class LineReader:
    """The same cells have the same answer, so it is remembered, for each currency:
    shops sell the same few things at the same few prices."""

    def __init__(
        self, products: FileProducts, pricing: Pricing, tax: TaxReader
    ) -> None:
        self._products = products
        self._pricing = pricing
        self._tax = tax
        self._known: dict[str, Known] = {}

    def known_in(self, currency: str) -> Known:
        """What was read in this currency: look here before `read`."""
        return self._known.setdefault(currency, {})

    def read(self, currency: str, cells: tuple[str, ...]) -> Line | Refused:
        """The line of these cells, in this currency; or why it is refused."""
        known = self.known_in(currency)
        if len(known) >= values.REMEMBERED:
            known.clear()
        known[cells] = line = self._work_out(currency, cells)
        return line

    def _work_out(self, currency: str, cells: tuple[str, ...]) -> Line | Refused:
        sku, quantity, price, total, name, category, within, on_top, *_rest = cells
        product = self._products.read(sku, name, category)
        if isinstance(product, Refused):
            return product
        priced = self._pricing.read(quantity, price, total, currency)
        if isinstance(priced, Refused):
            return priced
        text, amount, is_taken, sign = priced
        tax = self._tax.read(within, on_top, amount, currency)
        if isinstance(tax, Refused):
            return tax
        nature = product.natures[is_taken, sign]
        return f"{product.no}\t{text}\t{nature}\t{tax}", amount, is_taken


class ReturnedReader:
    """What a line says that it gives back, as COPY writes it: an order and its line.

    A column that the file lacks is NULL and leaves alone what is known.
    """

    def __init__(self, positions: Mapping[str, int]) -> None:
        self._order = values.identifier(120)
        self._line = values.identifier(60)
        self._has_order = "returns_order" in positions
        self._has_line = "returns_line" in positions

    def read(self, cells: tuple[str, ...]) -> str:
        """The two cells, or Refused where a line is named without its order."""
        if not self._has_order:
            return f"{NULL}\t{NULL}"
        order, line = (
            self._order(cells[_RETURNS]),
            self._line(cells[_RETURNS + 1]),
        )
        if isinstance(order, Refused):
            return order.of("returns_order")
        if isinstance(line, Refused):
            return line.of("returns_line")
        if line and not order:
            return Refused("returns_line_alone", line)
        # Without a column for lines, another order leaves none of the one before.
        return f"{escaped(order)}\t{escaped(line)}"
