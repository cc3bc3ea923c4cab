"""What an order line is, and which code is no product."""

from collections.abc import Iterable
from decimal import Decimal

from crm.rules.choices import Nature, ProductNature


def line_nature(
    product: ProductNature, *, quantity: Decimal, unit_price: Decimal, is_return: bool
) -> Nature:
    """A purchase is a real product, bought, for money. Nothing else counts as one.

    Returns and cancellations are returns whatever the sign; postage and fees are
    charges; adjustments, gifts at no price and negative stock are write-offs.
    """
    if product is ProductNature.ADJUSTMENT:
        return Nature.WRITEOFF
    if is_return:
        return Nature.RETURN
    if quantity <= 0 or unit_price <= 0:
        return Nature.WRITEOFF
    if product in (ProductNature.POSTAGE, ProductNature.FEE):
        return Nature.CHARGE
    return Nature.PURCHASE


def product_nature(
    sku: str, rules: Iterable[tuple[str, ProductNature]]
) -> ProductNature:
    """The longest matching pattern decides; `*` at its end matches any ending.

    Patterns are compared without regard to case.
    """
    code = sku.casefold()
    best: tuple[int, ProductNature] = (-1, ProductNature.PRODUCT)
    for pattern, nature in rules:
        if _matches(code, pattern.casefold()) and len(pattern) > best[0]:
            best = (len(pattern), nature)
    return best[1]


def _matches(code: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        return code.startswith(pattern[:-1])
    return code == pattern
