"""manage.py report NAME: tables for people, or one JSON object for programs."""

import json
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from desk.reports import (
    holdout,
    reorder_backtest,
    reorders,
    suggestion_backtest,
    win_back_backtest,
)
from desk.reports.figures import FigureReport
from insights.reports import REPORTS

# A report is a module: HELP, add_arguments(parser), build(options), lines and data.
_REPORTS: dict[str, ModuleType | FigureReport] = {
    "reorder-backtest": reorder_backtest,
    "win-back-backtest": win_back_backtest,
    "suggestion-backtest": suggestion_backtest,
    "holdout": holdout,
    "reorders": reorders,
    **{name: FigureReport(name) for name in REPORTS},
}


class Command(BaseCommand):
    help = "Print a report."

    def add_arguments(self, parser: CommandParser) -> None:
        choices = parser.add_subparsers(dest="report", required=True, metavar="REPORT")
        for name, report in _REPORTS.items():
            one = choices.add_parser(name, help=report.HELP, description=report.HELP)
            one.add_argument("--json", action="store_true", help="one JSON object")
            report.add_arguments(one)

    def handle(self, *args: Any, **options: Any) -> None:
        report = _REPORTS[options["report"]]
        found = report.build(options)
        if options["json"]:
            self.stdout.write(json.dumps(report.data(found)))
        else:
            self.stdout.write("\n".join(report.lines(found)))
