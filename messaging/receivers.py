"""Receivers of the signals of Django and of crm."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from crm.models import User
from crm.signals import (
    business_changed,
    colleague_invited,
    customers_changed,
    password_reset_requested,
)
from messaging.models import Automation
from messaging.services import (
    account_mails,
    automations,
    forecast_upkeep,
    planning,
)
from messaging.signals import automation_saved

# What planned rows copied from the customer, or else from the shop; "*": anything
# may have changed.
_COPIED = frozenset({"time_zone", "country", "language", "*"})


@receiver(post_migrate, dispatch_uid="messaging.make_automations")
def make_automations(sender: AppConfig, **_: Any) -> None:
    """Every installation has one automation per kind, switched off."""
    if sender.name != "messaging":
        return
    # `migrate crm` ends here too, before our tables are there.
    if Automation._meta.db_table in connection.introspection.table_names():
        automations.ensure_automations()


@receiver(customers_changed, dispatch_uid="messaging.retime_planned")
def retime_planned(
    sender: object,
    ids: Collection[int],
    fields: frozenset[str],
    now: datetime,
    **_: Any,
) -> None:
    """A customer who moved gets their mail at nine there."""
    if fields & _COPIED:
        planning.retime_all(customer_ids=ids)


@receiver(business_changed, dispatch_uid="messaging.retime_all_planned")
def retime_all_planned(sender: object, fields: frozenset[str], **_: Any) -> None:
    """Customers without a zone or language of their own follow the shop's."""
    if fields & _COPIED:
        planning.retime_all()


@receiver(automation_saved, dispatch_uid="messaging.look_ahead_again")
def look_ahead_again(
    sender: object,
    automation: Automation,
    fields: Collection[str],
    now: datetime,
    **_: Any,
) -> None:
    """What is on decides what comes; what is off is looked at beside that."""
    if automation.is_on or "is_on" in fields:
        forecast_upkeep.mark(None, now=now)
    if not automation.is_on and automation.archived_at is None:
        forecast_upkeep.mark(automation, now=now)


@receiver(business_changed, dispatch_uid="messaging.look_ahead_of_shop")
def look_ahead_of_shop(sender: object, now: datetime, **_: Any) -> None:
    """Nights, zones and grounds of the shop."""
    forecast_upkeep.mark(None, now=now)


@receiver(customers_changed, dispatch_uid="messaging.look_ahead_of_import")
def look_ahead_of_import(
    sender: object, fields: frozenset[str], now: datetime, **_: Any
) -> None:
    """Whatever one person changes waits for the next hour."""
    if "*" in fields:
        forecast_upkeep.mark(None, now=now)


@receiver(password_reset_requested, dispatch_uid="messaging.mail_reset")
def mail_reset(sender: object, user: User, now: datetime, **_: Any) -> None:
    """Post the mail with the link to a new password."""
    account_mails.post_reset(user, now=now)


@receiver(colleague_invited, dispatch_uid="messaging.mail_invitation")
def mail_invitation(
    sender: object, user: User, by: User | None, now: datetime, **_: Any
) -> None:
    """Post the mail with the link to a first password."""
    account_mails.post_invitation(user, by=by, now=now)
