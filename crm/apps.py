"""The crm app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CrmConfig(AppConfig):
    name = "crm"

    def ready(self) -> None:
        import_module("crm.receivers")
        # A lookup that every query may use.
        import_module("crm.sql.any_of")
        # Each app registers in journal_entries.py how its entries are read back.
        autodiscover_modules("journal_entries")
        # drf-spectacular finds its extensions by their being imported.
        import_module("crm.api.schema")
        # What each app knows of people, how it narrows lists of them, which long work
        # it has, what of its tables may be taken along, which columns of a file it
        # takes, what it forgets, and what of it counts as speaking with somebody.
        autodiscover_modules("personal_data", "segment_fields", "jobs", "exports")
        autodiscover_modules("import_fields", "retention", "contacts")
