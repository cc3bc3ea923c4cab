"""What crm itself does when orders change."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from crm.services import order_sums, returns
from crm.signals import orders_changed


@receiver(orders_changed, dispatch_uid="crm.count_orders")
def count_orders(customer_ids: Collection[int], **kwargs: Any) -> None:
    """Everybody concerned, before and after."""
    order_sums.count(customer_ids)


@receiver(orders_changed, dispatch_uid="crm.mark_returns")
def mark_returns(
    ids: Collection[int], customer_ids: Collection[int], now: datetime, **kwargs: Any
) -> None:
    """Returns of these customers are matched anew."""
    returns.mark(customer_ids, ids, now=now)
