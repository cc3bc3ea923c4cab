"""manage.py import_answers FILE: past answers to the recommendation question."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path

from crm.management.import_command import ImportCommand
from crm.services.imports.runner import import_file
from crm.services.imports.running import Options, Progress, Report
from surveys.services.answer_import import PAST_ANSWERS


def import_answers(
    path: Path, options: Options, *, now: datetime, progress: Progress
) -> Report:
    """Past answers of a file; what is there already stays as it is."""
    return import_file(PAST_ANSWERS, path, options, now=now, progress=progress)


class Command(ImportCommand):
    help = "Import past answers, one line for each; see docs/import.md."
    service = staticmethod(import_answers)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--scale",
            default="",
            metavar="RANGE",
            help="0-10 or 1-10, of rows that say none; those of 1-10 are kept apart",
        )
