"""manage.py import_subscriptions FILE: contracts with what they bring a month."""

from argparse import ArgumentParser

from crm.management.cell_arguments import add_subscription_arguments
from crm.management.import_command import ImportCommand
from crm.services.imports.runner import import_subscriptions


class Command(ImportCommand):
    help = "Import contracts, one line for each contract; see docs/import.md."
    service = staticmethod(import_subscriptions)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_subscription_arguments(parser)
