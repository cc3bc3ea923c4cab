"""Facts of products, one at a time, for the API and the admin."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from crm import selectors, signals
from crm.models import Product
from crm.models.trade import PAGE
from crm.rules import names
from crm.rules.choices import ProductNature
from crm.services import audit
from web.errors import InvalidValue
from web.rules import money, text

MOST_SKU, MOST_NAME, MOST_CATEGORY, MOST_PAGE = 120, 300, 120, 500
MOST_SUPPLY = 3_650


@transaction.atomic
def record_product(
    *, now: datetime, sku: str, source: str = "main", **values: Any
) -> tuple[Product, bool]:
    """The product of this code with these facts, and whether it is new.

    What is not given stays as it is; the same again changes nothing. Raises
    InvalidValue.
    """
    key = {
        "source": _required(source, "source", 40),
        "sku": _required(sku, "sku", MOST_SKU),
    }
    nature = selectors.product_rules(key["source"]).nature_of(key["sku"])
    product, created = Product.objects.get_or_create(
        **key, defaults={"nature": nature.value}
    )
    if created:
        audit.record("product.created", f"product:{product.pk}", now=now)
    return update_product(product, changes=values, now=now), created


@transaction.atomic
def update_product(
    product: Product, *, changes: Mapping[str, Any], now: datetime
) -> Product:
    """Change the named facts. Raises InvalidValue, also for a price without a
    currency."""
    locked = Product.objects.select_for_update().get(pk=product.pk)
    changed = _apply(locked, changes)
    if changed:
        locked.version += 1
        locked.save()
        audit.record("product.changed", f"product:{locked.pk}", fields=changed, now=now)
        signals.products_changed.send(
            sender=Product, ids=[locked.pk], fields=frozenset(changed), now=now
        )
    return locked


def _apply(product: Product, changes: Mapping[str, Any]) -> list[str]:
    unknown = set(changes) - set(_READERS)
    if unknown:
        raise InvalidValue(fields=dict.fromkeys(sorted(unknown), "unknown_field"))
    changed = []
    for field, given in changes.items():
        after = _READERS[field](given)
        if after != getattr(product, field):
            setattr(product, field, after)
            changed.append(field)
    if product.price is not None:
        if not product.currency:
            raise InvalidValue(fields={"currency": "required"})
        if product.price != money.round_money(product.price, product.currency):
            raise InvalidValue(fields={"price": "number_out_of_range"})
    return changed


def _required(value: str, field: str, most: int) -> str:
    line = text.one_line(value, field=field, most=most)
    if not line:
        raise InvalidValue(fields={field: "required"})
    return line


def _price(value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    if not value.is_finite() or not 0 <= value < Decimal(10) ** 8:
        raise InvalidValue(fields={"price": "number_out_of_range"})
    return value


def _page(field: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        page = text.one_line(value, field=field, most=MOST_PAGE)
        try:
            if page:
                PAGE(page)
        except ValidationError:
            raise InvalidValue(fields={field: "link_invalid"}) from None
        return page

    return read


def _months(value: Sequence[int]) -> list[int]:
    months = sorted(set(value))
    if any(not 1 <= month <= 12 for month in months):
        raise InvalidValue(fields={"season_months": "month_invalid"})
    return months


def _supply(value: int | None) -> int | None:
    if value is not None and not 1 <= value <= MOST_SUPPLY:
        raise InvalidValue(fields={"days_of_supply": "number_out_of_range"})
    return value


def _tax(value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    if not value.is_finite() or not 0 <= value < 100 or value != round(value, 2):
        raise InvalidValue(fields={"tax_percent": "number_out_of_range"})
    return value


def _nature(value: str) -> str:
    if value not in list(ProductNature):
        raise InvalidValue(fields={"nature": "unknown"})
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "name": lambda value: names.name_line(value, field="name", most=MOST_NAME),
    "category": lambda value: names.name_line(
        value, field="category", most=MOST_CATEGORY
    ),
    "nature": _nature,
    "price": _price,
    "currency": lambda value: money.valid_currency(value) if value else "",
    "link": _page("link"),
    "picture": _page("picture"),
    "is_available": bool,
    "season_months": _months,
    "days_of_supply": _supply,
    "tax_percent": _tax,
}
