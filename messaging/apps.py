"""The messaging app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        # Each app registers in kinds.py what it can send.
        autodiscover_modules("kinds")
        # And where it sees what ends a way through several steps.
        autodiscover_modules("stop_rules")
        import_module("messaging.account_kinds")
        import_module("messaging.receivers")
        import_module("messaging.trial_kinds")
        import_module("messaging.webhooks")
