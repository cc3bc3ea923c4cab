"""Reads that every app above needs."""

from collections.abc import Collection, Sequence

from django.db.models import F, QuerySet, Sum

from crm.models import Business, Customer, Order, ProductRule
from crm.rules import names
from crm.rules.choices import OrderNature, OrderState, ProductNature
from crm.rules.trade import CodePattern, ProductRules


def business() -> Business:
    """The one row of settings. Read it once per request or sweep and pass it on."""
    return Business.objects.get(pk=1)


def customer_or_none(*, source: str, external_id: str) -> Customer | None:
    """The live record behind an external id: a merged one leads to the kept one."""
    found = (
        Customer.objects.select_related("merged_into")
        .filter(source=source, external_id=external_id)
        .first()
    )
    if found is None:
        return None
    return found.merged_into or found


def customers_matching(*, external_id: str, email: str) -> QuerySet[Customer]:
    """Live customers; empty filters filter nothing."""
    rows = Customer.objects.live()
    if external_id:
        rows = rows.filter(external_id=external_id)
    if email:
        rows = rows.filter(email_norm=names.normalise_email(email))
    return rows


def product_rules(source: str, *, also: Sequence[CodePattern] = ()) -> ProductRules:
    """The product rules of this source; `also` wins over what is stored."""
    rules = ProductRule.objects.filter(source=source)
    kept = (CodePattern(rule.pattern, ProductNature(rule.nature)) for rule in rules)
    return ProductRules([*kept, *also])


def returned_in_full(order_ids: Collection[int]) -> set[int]:
    """Those of these orders of which everything came back, by the money.

    A return that was cancelled does not count, and an order without a sum is never
    among them.
    """
    returns = (
        Order.objects.filter(
            returns_order__in=order_ids, nature=OrderNature.RETURN.value
        )
        .exclude(state=OrderState.CANCELLED.value)
        .values("returns_order")
        .annotate(back=Sum("total"), paid=F("returns_order__total"))
        .values_list("returns_order", "back", "paid")
    )
    return {order for order, back, paid in returns if order and abs(back) >= paid > 0}


def sharing_address(customer: Customer, *, most: int = 5) -> list[Customer]:
    """Other live records with the same address, the oldest first, at most so many."""
    if not customer.email_norm:
        return []
    others = Customer.objects.live().filter(email_norm=customer.email_norm)
    return list(others.exclude(pk=customer.pk).order_by("pk")[:most])
