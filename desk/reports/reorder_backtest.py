"""How often the expected day of a next purchase was right, on a day of the past."""

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from loyalty.rules.backtest import (
    FEWEST_PURCHASES,
    Backtest,
    Row,
    Score,
    backtest,
)
from loyalty.rules.cluster_margin import ENOUGH_CUSTOMERS, ENOUGH_PAIRS
from loyalty.rules.outlook import TOLERANCE
from loyalty.rules.reorder import LEAST_CONFIDENCE
from loyalty.selectors import backtest as selectors

HELP = "hits of expected next purchases, asked as on a day of the past"
_HEADS = ("expected", "of", "hits", "right", "days off")
_WIDTH = 18


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options that `build` reads."""
    parser.add_argument(
        "--cutoff",
        type=date.fromisoformat,
        required=True,
        help="the day; whatever lies before it is known, the rest is the answer",
    )
    parser.add_argument(
        "--tolerance",
        type=int,
        default=TOLERANCE,
        help="days before or after the expected day that still count as right",
    )
    parser.add_argument(
        "--fewest",
        type=int,
        default=FEWEST_PURCHASES,
        help="purchases before the cut-off that a customer and a product need",
    )
    parser.add_argument("--source", default="", help="orders of this source only")
    parser.add_argument(
        "--with-charges",
        action="store_true",
        help="count paid postage and fees too, as published figures do",
    )
    parser.add_argument("--products", type=int, default=10, help="how many to list")


def build(options: dict[str, Any]) -> Backtest:
    """Run the backtest with the options of the command."""
    pairs = selectors.pairs(
        cutoff=options["cutoff"],
        source=options["source"],
        with_charges=options["with_charges"],
    )
    return backtest(
        pairs,
        cutoff=options["cutoff"],
        tolerance=options["tolerance"],
        fewest=options["fewest"],
        products=options["products"],
    )


def lines(found: Backtest) -> Iterator[str]:
    """The tables, in words that stand without this file."""
    names = selectors.product_names(int(row.key) for row in found.by_product)
    yield (
        f"{found.pairs} pairs of a customer and a product with {found.fewest} or more "
        f"purchases before {found.cutoff}."
    )
    yield f"Right: bought within {found.tolerance} days of the expected day."
    yield (
        f"±: at 95 %, by customers; '-' with fewer than {ENOUGH_PAIRS} pairs or "
        f"{ENOUGH_CUSTOMERS} customers: not enough."
    )
    yield ""
    yield from _table("", [found.every, found.spoken])
    yield from _as_shipped(found)
    yield from _table("By number of intervals", found.by_intervals)
    yield from _table("By product, those of most pairs", found.by_product, names)
    yield from _table("Precision against coverage, by confidence", found.by_confidence)
    yield from _calibration(found)
    yield f"Shipped: from a confidence of {LEAST_CONFIDENCE:.2f}."


def data(found: Backtest) -> dict[str, Any]:
    """The same as one object; precision and coverage in percent."""
    names = selectors.product_names(int(row.key) for row in found.by_product)
    return {
        **asdict(found),
        "cutoff": found.cutoff.isoformat(),
        "every": _row(found.every),
        "spoken": _row(found.spoken),
        "shipped": _score(found.shipped),
        "by_intervals": [_row(row) for row in found.by_intervals],
        "by_product": [
            {**_row(row), "name": names.get(int(row.key), "")}
            for row in found.by_product
        ],
        "by_confidence": [_row(row) for row in found.by_confidence],
    }


def _row(row: Row) -> dict[str, Any]:
    scores = {"plain": _score(row.plain), "shipped": _score(row.shipped)}
    return {**asdict(row), **scores}


def _score(score: Score) -> dict[str, Any]:
    return {
        **asdict(score),
        "coverage": score.coverage,
        "precision": score.precision,
    }


def _calibration(found: Backtest) -> Iterator[str]:
    """What was expected against what happened, on all the same pairs."""
    yield "What a confidence is worth: said, and come true"
    for one in found.calibration:
        share = 100 * one.came / one.pairs
        came = "-" if one.margin95 is None else f"{share:.1f} % ±{one.margin95:.1f}"
        yield (
            f"  {one.low:.2f} to {one.high:.2f}  {one.pairs:>6} pairs"
            f"  said {100 * one.said:>5.1f} %  came {came:>14}"
        )
    yield ""


def _as_shipped(found: Backtest) -> Iterator[str]:
    """What a shop would have seen: both rules, each where it gives a day."""
    plain, shipped = found.every.plain, found.shipped
    yield (
        f"Where each has a day: plain gives {plain.predicted} days, {plain.hits} right "
        f"({_right(plain)}); shipped gives {shipped.predicted}, {shipped.hits} right "
        f"({_right(shipped)})."
    )
    yield ""


def _table(
    title: str, rows: Sequence[Row], names: dict[int, str] | None = None
) -> Iterator[str]:
    if title:
        yield title
    heads = "".join(f"{head:>{width}}" for head, width in _columns())
    yield f"{'':<{_WIDTH}}  {'plain':<{len(heads)}}  shipped"
    yield f"{'':<{_WIDTH}}{heads}  {heads}  {'gain':>12}"
    for row in rows:
        name = names.get(int(row.key), row.key) if names else row.key
        yield (
            f"{name[:_WIDTH]:<{_WIDTH}}{_cells(row.plain)}  {_cells(row.shipped)}"
            f"  {_points(row.gain, row.gain_margin95):>12}"
        )
    yield ""


def _columns() -> list[tuple[str, int]]:
    return list(zip(_HEADS, (6, 6, 6, 15, 10), strict=True))


def _cells(score: Score) -> str:
    off = "-" if score.median_error is None else f"{score.median_error:.1f}"
    texts = (
        str(score.predicted),
        str(score.pairs),
        str(score.hits),
        _right(score),
        off,
    )
    return "".join(
        f"{text:>{width}}" for text, (_, width) in zip(texts, _columns(), strict=True)
    )


def _right(score: Score) -> str:
    if score.precision is None or score.margin95 is None:
        return "-"
    return f"{score.precision:.1f} % ±{score.margin95:.1f}"


def _points(gain: float | None, margin: float | None) -> str:
    if gain is None or margin is None:
        return "-"
    return f"{gain:+.1f} ±{margin:.1f}"
