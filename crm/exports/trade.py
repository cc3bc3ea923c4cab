"""Orders, products, and returns without a purchase.

Orders and products have the columns of the import.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm import return_page
from crm.datasets import Cell, Cells, Dataset, Filters, address_of, register
from crm.models import (
    Order,
    OrderLine,
    Product,
    ReturnChoice,
    UnmatchedReturn,
)
from crm.rules.choices import ProductNature
from web.rules import money

# As many places as an import reads, and as many as are stored.
_READ, _STORED = Decimal("1e-8"), Decimal("1e-4")


# --- Orders --------------------------------------------------------------------------


def _orders(filters: Filters) -> "QuerySet[Order]":
    return Order.objects.select_related("customer").prefetch_related("lines__product")


def _order_cells(orders: Sequence[Order]) -> Cells:
    """A line of the file for each line of an order."""
    for order in orders:
        head: dict[str, Cell] = {
            "order_id": order.external_id,
            "customer_id": order.customer.external_id,
            "ordered_at": order.ordered_at,
            "currency": order.currency,
            "delivered_at": order.delivered_on,
            "status": order.state,
            "source": order.source,
            "nature": order.nature,
        }
        for line in sorted(order.lines.all(), key=lambda line: line.pk):
            yield {**head, **_line_cells(line, order.currency)}


def _line_cells(line: OrderLine, currency: str) -> dict[str, Cell]:
    return {
        "line_id": line.line_key,
        "sku": line.product.sku,
        "product": line.product.name,
        "category": line.product.category,
        "quantity": money.unmistakable(line.quantity.normalize()),
        "unit_price": money.unmistakable(_price(line, currency)),
        "line_total": money.unmistakable(money.round_money(line.amount, currency)),
        "line_tax": None
        if line.tax is None
        else money.unmistakable(money.round_money(line.tax, currency)),
        "line_nature": line.nature,
        "returns_order": line.returned_order,
        "returns_line": line.returned_line,
    }


def _price(line: OrderLine, currency: str) -> Decimal:
    """A price that an import makes this very line of.

    The price is stored with four places and the amount was worked out before that. So
    where the two do not agree, it is one between, with the places that an import reads.
    """
    price = line.unit_price.normalize()
    if money.line_amount(line.quantity, price, currency) == line.amount:
        return price
    half = _STORED / 2 - _READ
    exact = (line.amount / line.quantity).quantize(_READ, ROUND_HALF_UP)
    return min(max(exact, price - half), price + half)


# --- Products ------------------------------------------------------------------------


def _products(filters: Filters) -> "QuerySet[Product]":
    return Product.objects.all()


def _product_cells(products: Sequence[Product]) -> Cells:
    for product in products:
        price = product.price
        yield {
            "sku": product.sku,
            "name": product.name,
            "category": product.category,
            "price": None if price is None else money.unmistakable(price.normalize()),
            "currency": product.currency,
            "link": product.link,
            "picture": product.picture,
            "available": product.is_available,
            "season": ";".join(map(str, product.season_months)),
            "days_of_supply": product.days_of_supply,
            "tax_percent": product.tax_percent,
            "gift_card": product.nature == ProductNature.GIFT_CARD.value,
            "nature": product.nature,
            "source": product.source,
        }


# --- Returns without a purchase ------------------------------------------------------


def _returns(filters: Filters) -> "QuerySet[UnmatchedReturn]":
    return return_page.listed()


def _return_cells(returns: Sequence[UnmatchedReturn]) -> Cells:
    for row in return_page.rows_of(returns):
        yield {
            **_returned(row.order, row.unmatched.returned_line, row.line),
            "returned_on": row.unmatched.returned_on,
            "quantity": row.unmatched.quantity,
            "reason": row.unmatched.reason,
        }


def _decided(filters: Filters) -> "QuerySet[ReturnChoice]":
    return return_page.decided()


def _decided_cells(choices: Sequence[ReturnChoice]) -> Cells:
    """Without an order it was left: it gives back nothing that is known."""
    for row in return_page.decisions_of(choices):
        order = row.choice.order
        yield {
            **_returned(row.order, row.choice.returned_line, row.line),
            "order_id": order.external_id if order else "",
            "line_id": row.choice.line,
            "made_by": address_of(row.choice.made_by),
            "made_at": row.choice.made_at,
        }


def _returned(order: Order, key: str, line: OrderLine | None) -> dict[str, Cell]:
    return {
        "customer_id": order.customer.external_id,
        "source": order.source,
        "return_id": order.external_id,
        "return_line": key,
        "sku": line.product.sku if line else "",
        "product": line.product.name if line else "",
    }


_RETURNED = (*("customer_id", "source", "return_id", "return_line", "sku", "product"),)
register(
    Dataset(
        name="orders",
        label=_("Orders"),
        order=20,
        columns=(
            *("order_id", "customer_id", "ordered_at", "currency", "delivered_at"),
            *("status", "line_id", "sku", "product", "category", "quantity"),
            *("unit_price", "line_total", "source", "nature", "line_nature"),
            *("returns_order", "returns_line", "line_tax"),
        ),
        rows=_orders,
        cells=_order_cells,
        split_by="source",
    ),
    Dataset(
        name="products",
        label=_("Products"),
        order=22,
        columns=(
            *("sku", "name", "category", "price", "currency", "link", "picture"),
            *("available", "season", "days_of_supply", "tax_percent", "gift_card"),
            *("nature", "source"),
        ),
        rows=_products,
        cells=_product_cells,
        split_by="source",
    ),
    Dataset(
        name="returns",
        label=_("Returns without a purchase"),
        order=26,
        columns=(*_RETURNED, "returned_on", "quantity", "reason"),
        rows=_returns,
        cells=_return_cells,
    ),
    Dataset(
        name="returns-decided",
        label=_("Returns that were linked or left by hand"),
        order=27,
        columns=(*_RETURNED, "order_id", "line_id", "made_by", "made_at"),
        rows=_decided,
        cells=_decided_cells,
    ),
)
