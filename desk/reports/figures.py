"""The figures of Insights as a report, with the same functions as the pages."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from crm import selectors as crm
from crm.services import clock
from insights import reports
from insights.report_asks import BY, Ask
from insights.reports import Report
from web.errors import InvalidValue


class FigureReport:
    """One report of Insights, in the shape that the command takes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.HELP = f"the figures of Insights: {name}"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options that `build` reads."""
        day = date.fromisoformat
        parser.add_argument("--from", type=day, help="the first day of the span")
        parser.add_argument("--to", type=day, help="the last day of the span")
        parser.add_argument("--by", choices=BY, default="all")
        parser.add_argument("--segment", type=int, help="the id of a segment")

    def build(self, options: dict[str, Any]) -> Report:
        """The figures, as the page shows them."""
        now = clock.agreed(timezone.now())
        ask = Ask(
            now=now,
            today=crm.business().day(now),
            first=options["from"],
            last=options["to"],
            by=options["by"],
            segment=options["segment"],
        )
        try:
            return reports.report(self.name, ask)
        except InvalidValue as refused:
            raise CommandError(
                f"Not possible: {refused.message} {refused.fields}"
            ) from refused

    def lines(self, found: Report) -> Iterator[str]:
        """When they were counted, and each figure with its doubt and reason."""
        yield f"Counted at {found.counted_at:%Y-%m-%d %H:%M %Z}"
        if not found.figures:
            yield "Nothing is known yet: no orders and no contracts are counted."
        for one in found.figures:
            named = f"{one.title} ({one.currency})" if one.currency else one.title
            yield f"{named}: {one.shown}"
            for said in (one.sentence, one.doubt, one.movement):
                if said:
                    yield f"  {said}"

    def data(self, found: Report) -> dict[str, Any]:
        """The same as one object."""
        return {
            "name": self.name,
            "counted_at": found.counted_at.isoformat(),
            "figures": [one.as_data() for one in found.figures],
        }
