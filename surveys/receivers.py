"""What surveys do when something below them has happened."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from messaging.services.automations import ensure_automations
from surveys.services.settings import ensure_surveys


@receiver(post_migrate, dispatch_uid="surveys.ensure_surveys")
def have_both_surveys(sender: AppConfig, **kwargs: Any) -> None:
    """Once all tables are there; each survey stands on its automation."""
    if sender.name == "surveys":
        ensure_automations()
        ensure_surveys()
