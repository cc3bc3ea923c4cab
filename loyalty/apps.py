"""The loyalty app."""

from importlib import import_module

from django.apps import AppConfig


class LoyaltyConfig(AppConfig):
    name = "loyalty"

    def ready(self) -> None:
        import_module("loyalty.receivers")
