"""The cells of an order line: goods, price and nature."""

from decimal import Decimal

from crm.services.imports import values
from crm.services.imports.pricing import Pricing
from crm.services.imports.products import FileProducts
from crm.services.imports.values import Refused

# In the order of the fields that orders.py takes from a row.
COLUMNS = (
    "sku",
    "quantity",
    "unit_price",
    "line_total",
    "product",
    "category",
    "line_id",
)
# Product, numbers and nature of a line as COPY writes them; its amount; is it taken.
Line = tuple[str, Decimal, bool]
Known = dict[tuple[str, ...], Line | Refused]


class LineReader:
    """The same cells have the same answer, so it is remembered, for each currency:
    shops sell the same few things at the same few prices."""

    def __init__(self, products: FileProducts, pricing: Pricing) -> None:
        self._products = products
        self._pricing = pricing
        self._known: dict[str, Known] = {}

    def known_in(self, currency: str) -> Known:
        """What was read in this currency: look here before `read`."""
        return self._known.setdefault(currency, {})

    def read(self, currency: str, cells: tuple[str, ...]) -> Line | Refused:
        known = self.known_in(currency)
        if len(known) >= values.REMEMBERED:
            known.clear()
        known[cells] = line = self._work_out(currency, cells)
        return line

    def _work_out(self, currency: str, cells: tuple[str, ...]) -> Line | Refused:
        sku, quantity, price, total, name, category, _ = cells
        product = self._products.read(sku, name, category)
        if isinstance(product, Refused):
            return product
        priced = self._pricing.read(quantity, price, total, currency)
        if isinstance(priced, Refused):
            return priced
        text, amount, is_taken, sign = priced
        nature = product.natures[is_taken, sign]
        return f"{product.no}\t{text}\t{nature}", amount, is_taken
