"""Receivers of the signals of the apps below."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from crm.signals import customers_changed, orders_changed
from loyalty.models import Campaign
from loyalty.services import anniversaries, campaigns, next_purchases, reorders
from messaging.models import Automation, Message
from messaging.signals import automation_saved, messages_finished

_MOVES_THE_DAY = frozenset({"since_on", "*"})


@receiver(customers_changed, dispatch_uid="loyalty.replan_anniversaries")
def replan_anniversaries(
    ids: Collection[int], fields: frozenset[str], now: datetime, **kwargs: Any
) -> None:
    if fields & _MOVES_THE_DAY:
        anniversaries.replan(ids, now=now)


@receiver(orders_changed, dispatch_uid="loyalty.mark_next_purchases")
def mark_next_purchases(
    customer_ids: Collection[int], now: datetime, **kwargs: Any
) -> None:
    next_purchases.mark(customer_ids, now=now)


@receiver(orders_changed, dispatch_uid="loyalty.cancel_reminders")
def cancel_reminders(
    customer_ids: Collection[int], now: datetime, **kwargs: Any
) -> None:
    """At once, so that the outbox does not promise what will not go."""
    reorders.cancel_over(customer_ids, now=now)


@receiver(messages_finished, dispatch_uid="loyalty.free_reminder_items")
def free_reminder_items(messages: Sequence[Message], **kwargs: Any) -> None:
    reorders.free(messages)


@receiver(automation_saved, dispatch_uid="loyalty.follow_campaign")
def follow_campaign(
    automation: Automation, fields: Collection[str], now: datetime, **kwargs: Any
) -> None:
    """In the transaction of the change, which a refusal here undoes."""
    if automation.kind != campaigns.KIND:
        return
    if "kind" in fields:
        Campaign.objects.create(automation=automation)
    else:
        campaigns.follow(automation, fields, now=now)
