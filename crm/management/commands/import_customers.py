"""manage.py import_customers FILE: customers from a CSV file."""

from crm.management.import_command import ImportCommand
from crm.services.imports.runner import import_customers


class Command(ImportCommand):
    help = "Import customers, one line of the file each; see docs/import.md."
    service = staticmethod(import_customers)
