"""What an order and its lines are: a purchase, a return, a charge or a write-off.

The one place that decides it, for the import and for orders entered one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm.rules.choices import Nature, OrderNature, OrderState, ProductNature

CHARGES = frozenset({ProductNature.POSTAGE, ProductNature.FEE, ProductNature.GIFT_CARD})


@dataclass(frozen=True)
class CodePattern:
    """`POST` names one code, `gift_*` every code that begins so; case is ignored."""

    pattern: str
    nature: ProductNature


class ProductRules:
    """The operator's table of codes that are not products: the longest match wins."""

    def __init__(self, patterns: Iterable[CodePattern]) -> None:
        self._whole: dict[str, ProductNature] = {}
        beginnings: dict[str, ProductNature] = {}
        for rule in patterns:
            text = rule.pattern.upper()
            if text.endswith("*"):
                beginnings[text[:-1]] = rule.nature
            else:
                self._whole[text] = rule.nature
        self._beginnings = sorted(beginnings.items(), key=lambda item: -len(item[0]))

    def nature_of(self, sku: str) -> ProductNature:
        """The nature of this code; a product where no rule matches."""
        return self.match(sku) or ProductNature.PRODUCT

    def match(self, sku: str) -> ProductNature | None:
        """The nature by these rules, whole codes before beginnings; or None."""
        code = sku.upper()
        if code in self._whole:
            return self._whole[code]
        for beginning, nature in self._beginnings:
            if code.startswith(beginning):
                return nature
        return None


def is_tax_of(tax: Decimal, amount: Decimal) -> bool:
    """Whether so much of an amount can be its tax: nothing, or a part with its sign."""
    return not tax or 0 < tax < amount or amount < tax < 0


def line_nature(
    product: ProductNature,
    quantity: Decimal,
    unit_price: Decimal,
    state: OrderState = OrderState.PLACED,
) -> Nature:
    """Only goods that somebody took and paid for are a purchase.

    What was given away free, or never left because the order was cancelled, is a
    write-off: no price, rating, reminder or cadence may rest on it.
    """
    if product in CHARGES:
        return Nature.CHARGE
    if product is ProductNature.ADJUSTMENT:
        return Nature.WRITEOFF
    if unit_price < 0:
        # A discount written as a line.
        return Nature.CHARGE
    if unit_price == 0 or state is OrderState.CANCELLED:
        return Nature.WRITEOFF
    return Nature.PURCHASE if quantity > 0 else Nature.RETURN


def order_nature(quantities: Sequence[Decimal]) -> OrderNature:
    """An order in which nothing was taken is a return (or a cancellation note)."""
    if quantities and all(quantity < 0 for quantity in quantities):
        return OrderNature.RETURN
    return OrderNature.SALE


STATUS_WORDS: Mapping[str, OrderState] = {
    "placed": OrderState.PLACED,
    "delivered": OrderState.DELIVERED,
    "cancelled": OrderState.CANCELLED,
    "canceled": OrderState.CANCELLED,
}
