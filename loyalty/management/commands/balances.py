"""Add up every balance of programmes anew; exit code 1 where one is wrong."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from loyalty.selectors import programme_sums


class Command(BaseCommand):
    help = (
        "Say what is outstanding in each programme. With --check, also add up all"
        " entries and compare them with the balances that are kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="add up all entries")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        sums = programme_sums.outstanding()
        wrong = programme_sums.wrong_balances() if options["check"] else []
        if options["as_json"]:
            found = {
                "programmes": [asdict(row) for row in sums],
                "wrong": [asdict(row) for row in wrong],
            }
            self.stdout.write(json.dumps(found, default=str))
        else:
            for row in sums:
                self.stdout.write(
                    f"{row.name}: {row.members} members, {row.units} outstanding,"
                    f" {row.owed} owed"
                )
            for each in wrong:
                self.stdout.write(
                    f"WRONG  membership {each.membership}: {each.balance} kept,"
                    f" {each.entries} by its entries; {each.owed} owed,"
                    f" {each.not_taken} by its entries; {each.wrong_lots} wrong lots"
                )
            if options["check"] and not wrong:
                self.stdout.write("All balances are the sums of their entries")
        if wrong:
            sys.exit(1)
