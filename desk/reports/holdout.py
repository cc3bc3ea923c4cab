"""What an automation brings, against those who were held out of it by lot."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from crm import selectors as crm
from crm.services import clock
from messaging.models import Automation
from messaging.rules.holdout import Effect, Group
from messaging.selectors import holdout as selectors
from messaging.selectors.holdout import Report

HELP = "what an automation brings, against those held out of it by lot"


@dataclass(frozen=True)
class Found:
    """An automation and its comparison."""

    automation: Automation
    report: Report


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options that `build` reads."""
    parser.add_argument("--automation", type=int, required=True, help="its id")
    parser.add_argument(
        "--within",
        type=int,
        choices=selectors.WITHIN,
        default=selectors.DEFAULT_WITHIN,
        help="days after somebody fell due in which an order counts",
    )


def build(options: dict[str, Any]) -> Found:
    """The comparison, as the page shows it."""
    row = Automation.objects.filter(pk=options["automation"]).first()
    if row is None:
        raise CommandError(f"There is no automation {options['automation']}.")
    today = crm.business().day(clock.agreed(timezone.now()))
    report = selectors.report(row, days=options["within"], today=today)
    if report is None:
        raise CommandError(f"Nobody was ever held out of “{row.name}”.")
    return Found(row, report)


def lines(found: Found) -> Iterator[str]:
    """The figures in words that stand without this file."""
    report = found.report
    yield f"{found.automation.name}, since {report.since:%Y-%m-%d}"
    yield f"Ordered within {report.days} days of falling due:"
    yield f"  to get the mail  {_share(report.mailed)}"
    yield f"  held out         {_share(report.held)}"
    yield f"  the mail adds    {_effect(report.orders, 100, 'points')}"
    for one in report.money:
        yield f"Paid per person, {one.currency}: {one.mailed:.2f}, {one.held:.2f}"
        yield f"  the mail adds    {_effect(one.effect, 1, one.currency)}"
    yield f"Not counted yet, their {report.days} days are not over: {report.waiting}"


def data(found: Found) -> dict[str, Any]:
    """The same as one object; shares as plain numbers (0.1, not 10)."""
    return {"automation": found.automation.pk, **found.report.as_data()}


def _share(group: Group) -> str:
    return f"{group.buyers} of {group.people} ({100 * group.share:.1f} %)"


def _effect(effect: Effect | None, times: int, unit: str) -> str:
    if effect is None:
        return "too few to say"
    value, low, high = (times * one for one in (effect.value, effect.low, effect.high))
    return f"{value:+.2f} {unit} (95 %: {low:+.2f} to {high:+.2f})"
