"""How often an expected day was right, asked as on a day of the past.

Pure: purchases in, tables out. What lies before the cut-off is all a rule may see; the
first purchase on or after it is the answer. The plain rule chooses the pairs of a
customer and a product; the shipped rule is judged on the same ones.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from statistics import median

from loyalty.rules.cluster_margin import margin95
from loyalty.rules.outlook import TOLERANCE
from loyalty.rules.pooling import Pool
from loyalty.rules.reorder import (
    LEAST_CONFIDENCE,
    Bought,
    Expected,
    Rhythm,
    expected,
    plain,
)

# The published count of the plain rule asks for so many purchases before the cut-off.
FEWEST_PURCHASES = 4
BINS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 1.0)
THRESHOLDS = (0.0, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
_INTERVALS = ((2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 9), (10, None))


@dataclass(frozen=True)
class Pair:
    """One customer, one product: what was known on the day, and what came of it."""

    customer_id: int
    product_id: int
    before: Sequence[Bought]
    bought_on: date | None
    rhythm: Rhythm | None
    pool: Pool = field(default_factory=Pool)


@dataclass(frozen=True)
class Trial:
    """What both rules expected of a pair; the shipped one however unsure it was."""

    customer_id: int
    product_id: int
    intervals: int
    bought_on: date | None
    plain_on: date | None
    shipped: Expected | None

    def shipped_on(self, least: float = LEAST_CONFIDENCE) -> date | None:
        """The day of the shipped rule; None below the confidence `least`."""
        shipped = self.shipped
        return shipped.due_on if shipped and _chance(shipped) >= least else None


@dataclass(frozen=True)
class Score:
    """How a rule did on some pairs; its margin goes by customers (`cluster_margin`)."""

    pairs: int
    predicted: int
    customers: int
    bought_again: int
    hits: int
    median_error: float | None
    margin95: float | None

    @property
    def coverage(self) -> float | None:
        """Of how many pairs in a hundred the rule gave a day."""
        return 100 * self.predicted / self.pairs if self.pairs else None

    @property
    def precision(self) -> float | None:
        """How many in a hundred expected days were right; None where too few."""
        return None if self.margin95 is None else 100 * self.hits / self.predicted


@dataclass(frozen=True)
class Row:
    """A line of a table: both rules, and by how many points the shipped one is better:
    `gain`, on pairs for which both have a day, so that its margin is narrower."""

    key: str
    plain: Score
    shipped: Score
    gain: float | None
    gain_margin95: float | None


@dataclass(frozen=True)
class Bin:
    """Of expectations with a confidence in these bounds: the share that came true."""

    low: float
    high: float
    pairs: int
    said: float
    came: int
    # In points; None where too few.
    margin95: float | None


@dataclass(frozen=True)
class Backtest:
    """What a rule expected by `cutoff`, and what happened."""

    cutoff: date
    tolerance: int
    fewest: int
    # Pairs with so many purchases before the cut-off, whatever was expected of them.
    pairs: int
    # Where the plain day is not over yet: plain, and shipped however unsure.
    every: Row
    # Of those, where the shipped rule has an answer.
    spoken: Row
    # All pairs: also those for which the plain rule gives no day, because it is over.
    shipped: Score
    by_intervals: tuple[Row, ...]
    by_product: tuple[Row, ...]
    by_confidence: tuple[Row, ...]
    # What was expected of the same pairs, and what happened.
    calibration: tuple[Bin, ...]


def backtest(
    pairs: Iterable[Pair],
    *,
    cutoff: date,
    tolerance: int = TOLERANCE,
    fewest: int = FEWEST_PURCHASES,
    products: int = 10,
) -> Backtest:
    """Both rules on every pair that has enough purchases before the cut-off."""
    tried = [_try(pair, cutoff) for pair in pairs if _purchases(pair) >= fewest]
    same = [trial for trial in tried if trial.plain_on and trial.plain_on >= cutoff]
    return Backtest(
        cutoff=cutoff,
        tolerance=tolerance,
        fewest=fewest,
        pairs=len(tried),
        every=_row("every pair", same, tolerance, least=0),
        spoken=_row("where we speak", _spoken(same), tolerance),
        shipped=score(tried, Trial.shipped_on, tolerance=tolerance),
        by_intervals=tuple(_by_intervals(same, tolerance)),
        by_product=tuple(_by_product(same, tolerance, products)),
        by_confidence=tuple(_by_confidence(same, tolerance)),
        calibration=tuple(_calibration(same, tolerance)),
    )


def score(
    trials: Sequence[Trial],
    predicted_on: Callable[[Trial], date | None],
    *,
    tolerance: int = TOLERANCE,
) -> Score:
    """How often a purchase fell at most so many days from the expected day."""
    predicted: Counter[int] = Counter()
    hits: Counter[int] = Counter()
    errors = []
    for trial in trials:
        day = predicted_on(trial)
        if day is None:
            continue
        predicted[trial.customer_id] += 1
        hits[trial.customer_id] += _hit(trial, day, tolerance)
        if trial.bought_on:
            errors.append(abs((trial.bought_on - day).days))
    return Score(
        pairs=len(trials),
        predicted=predicted.total(),
        customers=len(predicted),
        bought_again=len(errors),
        hits=hits.total(),
        median_error=median(errors) if errors else None,
        margin95=margin95(predicted, hits),
    )


def _chance(shipped: Expected) -> float:
    return shipped.confidence or 0.0


def _hit(trial: Trial, day: date, tolerance: int) -> bool:
    bought_on = trial.bought_on
    return bought_on is not None and abs((bought_on - day).days) <= tolerance


def _purchases(pair: Pair) -> int:
    return len({bought.on for bought in pair.before if bought.quantity > 0})


def _try(pair: Pair, cutoff: date) -> Trial:
    return Trial(
        customer_id=pair.customer_id,
        product_id=pair.product_id,
        intervals=_purchases(pair) - 1,
        bought_on=pair.bought_on,
        plain_on=plain(pair.before),
        shipped=expected(pair.before, pair.rhythm, pair.pool, today=cutoff, least=0),
    )


def _row(
    key: str,
    trials: Sequence[Trial],
    tolerance: int,
    *,
    least: float = LEAST_CONFIDENCE,
) -> Row:
    """The plain rule on all of them, the shipped one where it is sure enough."""
    gain, margin = _gain(_spoken(trials, least), tolerance)
    return Row(
        key=key,
        plain=score(trials, _plain_on, tolerance=tolerance),
        shipped=score(trials, lambda one: one.shipped_on(least), tolerance=tolerance),
        gain=gain,
        gain_margin95=margin,
    )


def _gain(trials: Sequence[Trial], tolerance: int) -> tuple[float | None, float | None]:
    """Points of precision that the shipped rule has over the plain one, and margin."""
    predicted: Counter[int] = Counter()
    more: Counter[int] = Counter()
    for trial in trials:
        shipped_on, plain_on = trial.shipped_on(0), trial.plain_on
        if shipped_on and plain_on:
            predicted[trial.customer_id] += 1
            more[trial.customer_id] += _hit(trial, shipped_on, tolerance)
            more[trial.customer_id] -= _hit(trial, plain_on, tolerance)
    margin = margin95(predicted, more)
    if margin is None:
        return None, None
    return 100 * sum(more.values()) / predicted.total(), margin


def _plain_on(trial: Trial) -> date | None:
    return trial.plain_on


def _spoken(trials: Iterable[Trial], least: float = LEAST_CONFIDENCE) -> list[Trial]:
    return [trial for trial in trials if trial.shipped_on(least)]


def _by_intervals(trials: Sequence[Trial], tolerance: int) -> Iterable[Row]:
    for low, high in _INTERVALS:
        chosen = [t for t in trials if low <= t.intervals <= (high or t.intervals)]
        if chosen:
            key = f"{low}" if low == high else f"{low} to {high}" if high else f"{low}+"
            yield _row(key, chosen, tolerance)


def _by_product(trials: Sequence[Trial], tolerance: int, most: int) -> Iterable[Row]:
    """The products of most pairs, by id: names are not the rule's business."""
    of: dict[int, list[Trial]] = {}
    for trial in trials:
        of.setdefault(trial.product_id, []).append(trial)
    for product_id in sorted(of, key=lambda one: (-len(of[one]), one))[:most]:
        yield _row(str(product_id), of[product_id], tolerance)


def _by_confidence(trials: Sequence[Trial], tolerance: int) -> Iterable[Row]:
    """Precision against coverage; the plain rule on the pairs that are left."""
    for least in THRESHOLDS:
        left = _row(f"{least:.2f}", _spoken(trials, least), tolerance, least=least)
        shipped = replace(left.shipped, pairs=len(trials))
        yield replace(left, shipped=shipped)


def _calibration(trials: Sequence[Trial], tolerance: int) -> Iterable[Bin]:
    for low, high in pairwise(BINS):
        found = [
            (one, one.shipped, _chance(one.shipped))
            for one in trials
            if one.shipped and low <= _chance(one.shipped) < high
        ]
        if not found:
            continue
        people = Counter(trial.customer_id for trial, _, _ in found)
        came: Counter[int] = Counter()
        for trial, shipped, _ in found:
            came[trial.customer_id] += _hit(trial, shipped.due_on, tolerance)
        yield Bin(
            low=low,
            high=high,
            pairs=len(found),
            said=sum(chance for _, _, chance in found) / len(found),
            came=came.total(),
            margin95=margin95(people, came),
        )
