"""Receivers of the signals of the apps below."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from crm.signals import customers_changed, orders_changed, subscriptions_changed
from insights.services import counting, money

# What the sums are kept by; "*": anything may have changed, as by an import.
_COPIED = frozenset({"country", "heard_from", "owner", "owner_id", "*"})


@receiver(orders_changed, dispatch_uid="insights.mark_buyers")
def mark_buyers(customer_ids: Collection[int], now: datetime, **kwargs: Any) -> None:
    """Whose orders changed is counted again."""
    counting.mark(customer_ids, now=now)


@receiver(subscriptions_changed, dispatch_uid="insights.mark_subscribers")
def mark_subscribers(
    customer_ids: Collection[int], now: datetime, **kwargs: Any
) -> None:
    """Whose contracts changed is counted again."""
    counting.mark(customer_ids, now=now)


@receiver(customers_changed, dispatch_uid="insights.mark_customers")
def mark_customers(
    ids: Collection[int], fields: frozenset[str], now: datetime, **kwargs: Any
) -> None:
    """Who changed in what the counts copy is counted again."""
    if fields & _COPIED:
        counting.mark(list(ids), now=now)


@receiver(orders_changed, dispatch_uid="insights.mark_money")
def mark_money(now: datetime, **kwargs: Any) -> None:
    """Orders changed: the sums of money are old."""
    money.mark(now=now)
