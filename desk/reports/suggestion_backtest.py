"""What would have been suggested to go with an order, and whether it was bought."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from loyalty.rules.cluster_margin import ENOUGH_CUSTOMERS, ENOUGH_PAIRS
from loyalty.rules.complements import FEWEST_CUSTOMERS, LARGEST_BASKET
from loyalty.rules.suggestion_backtest import Backtest, Score
from loyalty.selectors import suggestion_backtest as selectors

HELP = "what goes with an order, suggested on a day of the past, and who bought it"
_WITHIN = 60


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options that `build` reads."""
    parser.add_argument(
        "--cutoff",
        type=date.fromisoformat,
        required=True,
        help="the day; whatever lies before it is known, the rest is the answer",
    )
    parser.add_argument(
        "--within", type=int, default=_WITHIN, help="days in which they may buy it"
    )


def build(options: dict[str, Any]) -> Backtest:
    """Run the backtest with the options of the command."""
    return selectors.suggestions(cutoff=options["cutoff"], within=options["within"])


def lines(found: Backtest) -> Iterator[str]:
    """The figures, in words that stand without this file."""
    if not found.is_whole:
        yield (
            f"The orders do not reach {found.within} days beyond {found.cutoff}: who "
            "bought what is not known yet."
        )
        return
    yield (
        f"Of the products suggested on {found.cutoff} to {found.rule.customers} "
        f"customers, bought within {found.within} days:"
    )
    yield f"  goes with their last order   {_cell(found.rule)}"
    yield f"  as many, the most popular    {_cell(found.popular)}"
    if found.gain is not None and found.gain_margin95 is not None:
        yield (
            "  gain in points               "
            f"{found.gain:+.1f} ±{found.gain_margin95:.1f}"
        )
    yield (
        f"Counted: at least {FEWEST_CUSTOMERS} customers with both in one basket of at "
        f"most {LARGEST_BASKET} products."
    )
    yield (
        f"±: at 95 %, by customers; '-' with fewer than {ENOUGH_PAIRS} products or "
        f"{ENOUGH_CUSTOMERS} customers."
    )


def data(found: Backtest) -> dict[str, Any]:
    """The same as one object."""
    return asdict(found) | {"cutoff": found.cutoff.isoformat()}


def _cell(one: Score) -> str:
    share = "-" if one.percent is None else f"{one.percent:.1f} % ±{one.margin95:.1f}"
    return f"{one.bought} of {one.suggested} ({share})"
