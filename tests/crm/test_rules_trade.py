"""What counts as a purchase."""

from decimal import Decimal

import pytest

from crm.rules.choices import Nature, OrderNature, OrderState, ProductNature
from crm.rules.trade import CodePattern, ProductRules, line_nature, order_nature

RULES = ProductRules(
    [
        CodePattern("POST", ProductNature.POSTAGE),
        CodePattern("gift_*", ProductNature.ADJUSTMENT),
        CodePattern("gift_0001_*", ProductNature.FEE),
        CodePattern("GIFT_0001_99", ProductNature.PRODUCT),
    ]
)


@pytest.mark.parametrize(
    ("sku", "nature"),
    [
        ("post", ProductNature.POSTAGE),
        ("POSTER", ProductNature.PRODUCT),
        ("gift_7", ProductNature.ADJUSTMENT),
        ("GIFT_0001_20", ProductNature.FEE),
        ("gift_0001_99", ProductNature.PRODUCT),
        ("85123A", ProductNature.PRODUCT),
    ],
)
def test_the_longest_matching_pattern_decides(sku, nature):
    assert RULES.nature_of(sku) is nature


@pytest.mark.parametrize(
    ("product", "quantity", "price", "nature"),
    [
        (ProductNature.PRODUCT, "2", "1.50", Nature.PURCHASE),
        (ProductNature.PRODUCT, "-2", "1.50", Nature.RETURN),
        (ProductNature.PRODUCT, "2", "0", Nature.WRITEOFF),
        (ProductNature.PRODUCT, "-2", "0", Nature.WRITEOFF),
        (ProductNature.PRODUCT, "1", "-5", Nature.CHARGE),
        (ProductNature.POSTAGE, "1", "18", Nature.CHARGE),
        (ProductNature.FEE, "-1", "18", Nature.CHARGE),
        (ProductNature.ADJUSTMENT, "1", "18", Nature.WRITEOFF),
    ],
)
def test_only_goods_taken_and_paid_for_are_a_purchase(product, quantity, price, nature):
    assert line_nature(product, Decimal(quantity), Decimal(price)) is nature


def test_nothing_in_a_cancelled_order_is_a_purchase():
    nature = line_nature(
        ProductNature.PRODUCT, Decimal(1), Decimal(1), OrderState.CANCELLED
    )

    assert nature is Nature.WRITEOFF


@pytest.mark.parametrize(
    ("quantities", "nature"),
    [
        ([-1, -2], OrderNature.RETURN),
        ([-1, 2], OrderNature.SALE),
        ([1], OrderNature.SALE),
        ([], OrderNature.SALE),
    ],
)
def test_an_order_in_which_nothing_was_taken_is_a_return(quantities, nature):
    assert order_nature([Decimal(quantity) for quantity in quantities]) is nature
