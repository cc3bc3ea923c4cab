"""The support app: conversations with customers, in and out, until they are closed."""

from importlib import import_module

from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "support"

    def ready(self) -> None:
        import_module("support.receivers")
        import_module("support.webhooks")
