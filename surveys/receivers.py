"""What surveys do when something below them has happened."""

from collections.abc import Collection
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from messaging.models import Automation
from messaging.services.automations import ensure_automations
from messaging.signals import automation_saved
from surveys.services.settings import TRIGGERS, ensure_surveys, follow_automation


@receiver(post_migrate, dispatch_uid="surveys.ensure_surveys")
def have_both_surveys(sender: AppConfig, **kwargs: Any) -> None:
    """Once all tables are there; each survey stands on its automation."""
    if sender.name == "surveys":
        ensure_automations()
        ensure_surveys()


@receiver(automation_saved, dispatch_uid="surveys.follow_automation")
def have_a_survey(
    sender: object,
    automation: Automation,
    fields: Collection[str],
    copied_from: Automation | None,
    **_: Any,
) -> None:
    """Copies of an automation, and new ones, ask a question of their own."""
    if automation.kind in TRIGGERS:
        follow_automation(automation, fields=fields, copied_from=copied_from)
