"""manage.py import_orders FILE: order lines from a CSV file."""

from argparse import ArgumentParser

from crm.management.cell_arguments import add_order_arguments
from crm.management.import_command import RULE_OPTIONS, ImportCommand
from crm.services.imports.runner import import_orders


class Command(ImportCommand):
    help = "Import orders, one line of the file per order line; see docs/import.md."
    service = staticmethod(import_orders)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--create-customers",
            action="store_true",
            help="make a bare customer for an unknown customer id instead of refusing",
        )
        add_order_arguments(parser)
        for nature, option in RULE_OPTIONS.items():
            parser.add_argument(
                f"--{option.replace('_', '-')}",
                action="append",
                default=[],
                metavar="CODE[,CODE…]",
                help=f"from now on, these codes of the source are {nature.value};"
                " a * at the end stands for anything",
            )
