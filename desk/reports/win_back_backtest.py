"""Who would have been asked back on a day of the past, and who never came."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from loyalty.rules.win_back_backtest import ENOUGH, Backtest, Share
from loyalty.selectors import backtest as selectors

HELP = "who was silent on a day of the past, and who of them never came back"
_WITHIN = 90


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options that `build` reads."""
    parser.add_argument(
        "--cutoff",
        type=date.fromisoformat,
        required=True,
        help="the day; whatever lies before it is known, the rest is the answer",
    )
    parser.add_argument(
        "--within", type=int, default=_WITHIN, help="days in which they may come back"
    )
    parser.add_argument("--source", default="", help="orders of this source only")


def build(options: dict[str, Any]) -> Backtest:
    """Run the backtest with the options of the command."""
    return selectors.silences(
        cutoff=options["cutoff"], within=options["within"], source=options["source"]
    )


def lines(found: Backtest) -> Iterator[str]:
    """The table, in words that stand without this file."""
    if not found.is_whole:
        yield (
            f"The orders do not reach {found.within} days beyond {found.cutoff}: who "
            "never came back is not known yet."
        )
        return
    yield f"Never came back within {found.within} days of {found.cutoff}, at 95 %:"
    heads = ("silent by the rule", "as many, longest silent", "all")
    yield f"{'':<22}" + "".join(f"{head:>28}" for head in heads)
    for row in found.rows:
        cells = "".join(f"{_cell(one):>28}" for one in (row.rule, row.recency, row.all))
        yield f"{row.key:<22}{cells}"
    for row in found.rows:
        if row.gain is not None:
            yield f"{row.key}: {_verdict(*row.gain)}"
    yield f"'-': of fewer than {ENOUGH} no share is printed."


def data(found: Backtest) -> dict[str, Any]:
    """The same as one object."""
    return asdict(found) | {"cutoff": found.cutoff.isoformat()}


def _verdict(gain: float, margin: float) -> str:
    points = f"the longest silent ones ({gain:+.1f} ±{margin:.1f} points)."
    if abs(gain) <= margin:
        return f"the rule is no better than to ask {points}"
    better = "better" if gain > 0 else "worse"
    return f"the rule is {better} than to ask {points}"


def _cell(one: Share) -> str:
    if one.percent is None:
        return f"{one.away} of {one.people} (-)"
    return f"{one.away} of {one.people} ({one.percent:.1f} % ±{one.margin95:.1f})"
