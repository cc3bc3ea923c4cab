"""What the mail of an anniversary is about."""

from collections.abc import Collection

from django.db.models import F

from crm.models import OrderLine
from crm.rules.choices import Nature, OrderState, ProductNature


def first_products(customer_ids: Collection[int]) -> dict[int, str]:
    """Name of what each bought most of, by worth, on the day they became a customer;
    nothing for those of whom it is not known."""
    lines = (
        OrderLine.objects.filter(
            customer_id__any_of=customer_ids,
            ordered_on=F("customer__since_on"),
            nature=Nature.PURCHASE.value,
            product__nature=ProductNature.PRODUCT.value,
            product__name__gt="",
        )
        .exclude(order__state=OrderState.CANCELLED.value)
        .order_by("customer_id", "-amount", "id")
        .distinct("customer_id")
    )
    return dict(lines.values_list("customer_id", "product__name"))
