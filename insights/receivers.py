"""Receivers of the signals of the apps below."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from crm.signals import orders_changed, subscriptions_changed
from insights.services import money


@receiver([orders_changed, subscriptions_changed], dispatch_uid="insights.mark_money")
def mark_money(now: datetime, **kwargs: Any) -> None:
    money.mark(now=now)
