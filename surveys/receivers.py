"""What surveys do when something below them has happened."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.utils import timezone

from messaging.models import Automation
from messaging.services.automations import ensure_automations
from messaging.signals import automation_saved
from surveys.choices import TRIGGERS
from surveys.services.askings import ensure_askings, follow_automation


@receiver(post_migrate, dispatch_uid="surveys.ensure_askings")
def ask_something(sender: AppConfig, **kwargs: Any) -> None:
    """Once all tables are there."""
    if sender.name == "surveys":
        ensure_automations()
        ensure_askings(now=timezone.now())


@receiver(automation_saved, dispatch_uid="surveys.follow_automation")
def have_a_survey(
    sender: object,
    automation: Automation,
    fields: Collection[str],
    copied_from: Automation | None,
    now: datetime,
    **_: Any,
) -> None:
    """A new automation of a kind that asks has a survey to ask."""
    if automation.kind in TRIGGERS:
        follow_automation(automation, fields=fields, copied_from=copied_from, now=now)
