"""Receivers of the signals of the apps below."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from crm.signals import (
    business_changed,
    customers_changed,
    orders_changed,
    products_changed,
    returns_matched,
)
from feedback.signals import reviews_changed
from loyalty.choices import EarnEvent
from loyalty.models import Campaign
from loyalty.services import (
    campaigns,
    mail_gifts,
    member_links,
    next_purchases,
    occasions,
    reorders,
    suggestions,
)
from loyalty.services.programmes import activity_earning
from loyalty.services.programmes import orders as programme_orders
from messaging import member_pages
from messaging.models import Automation, Message
from messaging.signals import automation_saved, messages_finished

member_pages.register(member_links.paths_of)

# The field of a customer, and the greetings of which it moves the day.
_MOVES = {
    "since_on": {"anniversary", "milestone"},
    "birthday": {"birthday"},
    "given_name": {"name_day"},
    "country": {"name_day"},
    "language": {"name_day"},
    "custom.": {"custom_date"},
}

# Facts of a product on which next purchases stand.
_MOVE_DAYS = {"days_of_supply", "season_months", "nature"}


@receiver(customers_changed, dispatch_uid="loyalty.replan_occasions")
def replan_occasions(
    ids: Collection[int], fields: frozenset[str], now: datetime, **kwargs: Any
) -> None:
    """What is planned of occasions follows the days of these customers."""
    moved = {
        kind
        for name, kinds in _MOVES.items()
        if "*" in fields or any(field.startswith(name) for field in fields)
        for kind in kinds
    }
    if moved:
        occasions.replan(ids, kinds=moved, now=now)


@receiver(orders_changed, dispatch_uid="loyalty.replan_first_orders")
def replan_first_orders(
    customer_ids: Collection[int], now: datetime, **kwargs: Any
) -> None:
    """The anniversary of a first order follows the orders."""
    occasions.replan(customer_ids, kinds={"first_order"}, now=now)


@receiver(orders_changed, dispatch_uid="loyalty.mark_next_purchases")
def mark_next_purchases(
    customer_ids: Collection[int], now: datetime, **kwargs: Any
) -> None:
    """Whose orders changed is worked out anew."""
    next_purchases.mark(customer_ids, now=now)


@receiver(products_changed, dispatch_uid="loyalty.mark_products")
def mark_products(
    ids: Collection[int], fields: frozenset[str], now: datetime, **kwargs: Any
) -> None:
    """How long it lasts, and when it is wanted, move the days of all its buyers."""
    if fields & _MOVE_DAYS:
        next_purchases.mark_products(ids, now=now)


@receiver(orders_changed, dispatch_uid="loyalty.cancel_reminders")
def cancel_reminders(
    customer_ids: Collection[int], now: datetime, **kwargs: Any
) -> None:
    """At once, so that the outbox does not promise what will not go."""
    reorders.cancel_over(customer_ids, now=now)
    suggestions.cancel_over(customer_ids, now=now)


@receiver(orders_changed, dispatch_uid="loyalty.mark_members")
def mark_members(customer_ids: Collection[int], now: datetime, **kwargs: Any) -> None:
    """Whose orders changed: their ledgers are brought to it."""
    programme_orders.mark(customer_ids, now=now)


@receiver(customers_changed, dispatch_uid="loyalty.mark_new_members")
def mark_new_members(
    ids: Collection[int], fields: frozenset[str], now: datetime, **kwargs: Any
) -> None:
    """New customers are among those of whom anything may have changed."""
    if "*" in fields and activity_earning.watches(EarnEvent.SIGN_UP):
        programme_orders.mark(ids, now=now)


@receiver(reviews_changed, dispatch_uid="loyalty.mark_reviewers")
def mark_reviewers(customer_ids: Collection[int], now: datetime, **kwargs: Any) -> None:
    """Who wrote or withdrew a review, where a programme rewards reviews."""
    if activity_earning.watches(EarnEvent.REVIEW):
        programme_orders.mark(customer_ids, now=now)


@receiver(returns_matched, dispatch_uid="loyalty.mark_members_of_returns")
def mark_members_of_returns(ids: Collection[int], now: datetime, **kwargs: Any) -> None:
    """Orders whose returns found their purchase, or lost it."""
    programme_orders.mark_orders(ids, now=now)


@receiver(business_changed, dispatch_uid="loyalty.mark_arrived_otherwise")
def mark_arrived_otherwise(
    fields: frozenset[str], now: datetime, **kwargs: Any
) -> None:
    """When orders count as delivered decides when what they earn can be spent."""
    if "assumed_delivery_days" in fields:
        programme_orders.follow_settings(now=now)


@receiver(messages_finished, dispatch_uid="loyalty.free_reminder_items")
def free_reminder_items(messages: Sequence[Message], **kwargs: Any) -> None:
    """What a mail did not remind of may be reminded of again."""
    reorders.free(messages)


@receiver(messages_finished, dispatch_uid="loyalty.free_gifts")
def free_gifts(messages: Sequence[Message], now: datetime, **kwargs: Any) -> None:
    """What was taken for a mail that did not go is free again."""
    mail_gifts.free(messages, now=now)


@receiver(automation_saved, dispatch_uid="loyalty.follow_campaign")
def follow_campaign(
    automation: Automation, fields: Collection[str], now: datetime, **kwargs: Any
) -> None:
    """In the transaction of the change, which a refusal here undoes."""
    if automation.kind not in campaigns.KINDS:
        return
    if "kind" in fields:
        Campaign.objects.create(automation=automation)
    else:
        campaigns.follow(automation, fields, now=now)
