"""manage.py import_history FILE: old notes, calls, visits and mails with customers."""

from crm.management.import_command import ImportCommand
from crm.services.imports.runner import import_history


class Command(ImportCommand):
    help = "Import old contact history, one line for each contact; see docs/import.md."
    service = staticmethod(import_history)
