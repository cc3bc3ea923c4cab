"""What came of reminders, suggestions and of asking people back."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from crm.services import clock
from loyalty.selectors import aftermath as selectors
from loyalty.selectors.aftermath import Came
from loyalty.sql.aftermath import Side

HELP = "what came of reminders, suggestions and asking back: orders and money"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options that `build` reads."""
    parser.add_argument(
        "--within",
        type=int,
        choices=selectors.WITHIN,
        default=30,
        help="days after a mail in which an order counts",
    )
    parser.add_argument(
        "--back",
        type=int,
        choices=selectors.BACK,
        default=180,
        help="mails of so many days until now",
    )


def build(options: dict[str, Any]) -> dict[str, Any]:
    """The figures of all four kinds."""
    now = clock.agreed(timezone.now())
    days, back = options["within"], options["back"]
    return {
        "within": days,
        "back": back,
        "kinds": selectors.report(days=days, back=back, now=now),
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The figures in words that stand without this file."""
    days = found["within"]
    yield (
        f"Mails of the last {found['back']} days, orders within {days} days of each "
        "person's first:"
    )
    for one in found["kinds"]:
        yield from _lines(one, days)


def data(found: dict[str, Any]) -> dict[str, Any]:
    """The same as one object; each currency by itself."""
    return {**found, "kinds": [one.as_data() for one in found["kinds"]]}


def _lines(one: Came, days: int) -> Iterator[str]:
    yield f"{one.label}: {one.mails} mails to {one.mailed.people} people"
    if not one.mailed.people and not one.is_compared:
        return
    yield f"  ordered anything      {_share(one.mailed, one.mailed.anything)}"
    if one.names_products:
        yield f"  ordered what it named {_share(one.mailed, one.mailed.product)}"
    for code, amount in one.paid.items():
        yield f"  paid                  {amount} {code}"
    if one.waiting:
        yield f"  not counted yet       {one.waiting}: their {days} days are not over"
    if one.is_compared:
        yield f"  to get it, by lot     {_share(one.drawn, one.drawn.anything)}"
        yield f"  held out, by lot      {_share(one.held, one.held.anything)}"
        yield f"  the mails add         {_effect(one)}"
    else:
        yield "  what of it they would have ordered anyway: nobody was held out"


def _share(side: Side, number: int) -> str:
    share = f" ({100 * number / side.over:.1f} %)" if side.over else ""
    return f"{number} of {side.over}{share}"


def _effect(one: Came) -> str:
    if one.effect is None:
        return "too few to say"
    value, low, high = one.points
    return f"{value} points (95 %: {low} to {high})"
