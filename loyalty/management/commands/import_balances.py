"""manage.py import_balances FILE: what members have in another program."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path

from crm.management.cell_arguments import add_number_arguments
from crm.management.import_command import ImportCommand
from crm.services.imports.runner import import_file
from crm.services.imports.running import Options, Progress, Report
from loyalty.services.programmes.balance_import import BALANCES


def import_balances(
    path: Path, options: Options, *, now: datetime, progress: Progress
) -> Report:
    """Balances of a file; what is there already stays as it is."""
    return import_file(BALANCES, path, options, now=now, progress=progress)


class Command(ImportCommand):
    help = "Import balances, one line for each part of one; see docs/import.md."
    service = staticmethod(import_balances)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_number_arguments(parser)
        parser.add_argument(
            "--programme",
            default="",
            metavar="NAME",
            help="name or number of the programme of rows that say none",
        )
