"""The crm app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CrmConfig(AppConfig):
    name = "crm"

    def ready(self) -> None:
        # drf-spectacular finds its extensions by their being imported.
        import_module("crm.api.schema")
        autodiscover_modules("personal_data")
