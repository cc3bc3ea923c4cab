"""manage.py import_products FILE: what the shop sells, from a file."""

from argparse import ArgumentParser

from crm.management.cell_arguments import add_price_arguments
from crm.management.import_command import ImportCommand
from crm.services.imports.runner import import_products


class Command(ImportCommand):
    help = "Import products, one line of the file for each; see docs/import.md."
    service = staticmethod(import_products)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_price_arguments(parser, of="products")
