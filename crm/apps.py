"""The crm app."""

from importlib import import_module

from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"

    def ready(self) -> None:
        # drf-spectacular finds its extensions by their being imported.
        import_module("crm.api.schema")
