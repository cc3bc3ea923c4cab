"""Set where mails lead to order, and make the links of a mail."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from crm.models import Product
from crm.services import audit
from loyalty.models import OrderLink
from loyalty.rules import order_links as rules

Wanted = tuple[Product, Decimal]


def template() -> str:
    """The shop's template; empty where none is set."""
    row = OrderLink.objects.first()
    return row.template if row else ""


@transaction.atomic
def set_template(value: str, *, now: datetime) -> str:
    """Keep this template, empty for none. Raises InvalidValue (`rules.checked`)."""
    checked = rules.checked(value)
    row, made = OrderLink.objects.select_for_update().get_or_create(
        pk=1, defaults={"template": checked, "updated_at": now}
    )
    if not made and row.template == checked:
        return checked
    row.template, row.updated_at = checked, now
    row.save()
    audit.record("order_link.set", "order_link:1", fields=("template",), now=now)
    return checked


def link_of(template: str, product: Product, quantity: Decimal) -> str:
    """Where one product is ordered: in the shop's basket, else on its own page; empty
    where there is neither."""
    if template:
        return rules.address(template, [(product.sku, quantity)])
    return product.link


def basket_of(template: str, wanted: Sequence[Wanted]) -> str:
    """One basket with all of these; empty for fewer than two, or where the shop has no
    such address."""
    if len(wanted) < 2 or not rules.takes_several(template):
        return ""
    lines = [(product.sku, quantity) for product, quantity in wanted]
    return rules.address(template, lines)
