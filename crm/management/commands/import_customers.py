"""manage.py import_customers FILE: customers from a CSV file."""

from argparse import ArgumentParser

from crm.management.cell_arguments import add_customer_arguments
from crm.management.import_command import ImportCommand
from crm.management.mail_arguments import add_mail_arguments
from crm.management.person_arguments import add_person_arguments
from crm.services.imports.runner import import_customers


class Command(ImportCommand):
    help = "Import customers, one line of the file each; see docs/import.md."
    service = staticmethod(import_customers)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_customer_arguments(parser)
        add_mail_arguments(parser)
        add_person_arguments(parser)
