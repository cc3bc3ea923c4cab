"""Add up every balance of programmes anew; exit code 1 where one is wrong."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from loyalty.selectors import programme_sums
from loyalty.services.programmes import checking


class Command(BaseCommand):
    help = (
        "Say what is outstanding in each programme. With --check, also add up all"
        " entries and compare them with the balances that are kept; with --mend, set"
        " those that differ to what their entries add up to."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="add up all entries")
        parser.add_argument(
            "--mend", action="store_true", help="set wrong ones by their entries"
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        now, looks = timezone.now(), options["check"] or options["mend"]
        mended = checking.mend(now=now) if options["mend"] else 0
        sums = programme_sums.outstanding()
        wrong = checking.check(now=now) if looks else []
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
            if options["mend"]:
                self.stdout.write(f"{mended} set to the sums of their entries")
            for each in wrong:
                self.stdout.write(
                    f"WRONG  membership {each.membership}: {each.balance} kept,"
                    f" {each.entries} by its entries; {each.owed} owed,"
                    f" {each.not_taken} by its entries; {each.wrong_lots} wrong lots"
                )
            if looks and not wrong:
                self.stdout.write("All balances are the sums of their entries")
        if wrong:
            sys.exit(1)
