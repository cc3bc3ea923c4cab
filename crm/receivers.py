"""What crm itself does when orders change."""

from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from crm.services import order_sums
from crm.signals import orders_changed


@receiver(orders_changed, dispatch_uid="crm.count_orders")
def count_orders(customer_ids: Collection[int], **kwargs: Any) -> None:
    """Everybody concerned, before and after."""
    order_sums.count(customer_ids)
