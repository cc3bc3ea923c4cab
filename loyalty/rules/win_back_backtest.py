"""Who was silent on a day of the past, and who of them never came back. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, sqrt

from loyalty.rules.pooling import Prior
from loyalty.rules.reorder import gaps_of
from loyalty.rules.win_back import silent_after

_Z_95 = 1.96
ENOUGH = 30


@dataclass(frozen=True)
class Silence:
    """One customer on the day: how long they waited, and whether they came back."""

    waited: int
    usual_gap: float
    orders: int
    came_back: bool

    @property
    def is_silent(self) -> bool:
        """Whether they waited longer than is usual for them."""
        return self.waited >= silent_after(self.usual_gap)


@dataclass(frozen=True)
class Share:
    """Of so many, how many stayed away; a share only of enough."""

    people: int
    away: int

    @property
    def percent(self) -> float | None:
        """Of a hundred people, how many stayed away; None where too few."""
        return 100 * self.away / self.people if self.people >= ENOUGH else None

    @property
    def margin95(self) -> float | None:
        """The margin of `percent` at 95 %, in points; None where too few."""
        if self.people < ENOUGH:
            return None
        share = self.away / self.people
        return 100 * _Z_95 * sqrt(share * (1 - share) / self.people)


@dataclass(frozen=True)
class Row:
    """As many as the rule calls silent: those, and the longest silent ones. `gain`: how
    many points more of the rule's stayed away, and its margin at 95 %; None where too
    few."""

    key: str
    rule: Share
    recency: Share
    all: Share
    gain: tuple[float, float] | None = None


@dataclass(frozen=True)
class Backtest:
    """`is_whole`: the orders reach as far as the days in which somebody may come back;
    else nothing is counted."""

    cutoff: date
    within: int
    is_whole: bool
    rows: tuple[Row, ...]


def silence(
    days: Sequence[date], prior: Prior, *, cutoff: date, within: int
) -> Silence | None:
    """Of somebody who ordered on these days; None where none lies before the day."""
    before = [day for day in days if day < cutoff]
    if not before:
        return None
    until = cutoff + timedelta(days=within)
    return Silence(
        waited=(cutoff - max(before)).days,
        usual_gap=exp(prior.order_gap(gaps_of(before))),
        orders=len(set(before)),
        came_back=any(cutoff <= day < until for day in days),
    )


def backtest(
    found: Iterable[Silence], *, cutoff: date, within: int, last_on: date | None
) -> Backtest:
    """`last_on`: the last day of which orders are known."""
    is_whole = bool(last_on and last_on >= cutoff + timedelta(days=within - 1))
    people = list(found) if is_whole else []
    often = [one for one in people if one.orders >= 3]
    rows = (_row("everybody", people), _row("three orders or more", often))
    return Backtest(cutoff, within, is_whole, rows if is_whole else ())


def _row(key: str, people: Sequence[Silence]) -> Row:
    by_wait = sorted(people, key=lambda one: -one.waited)
    count = sum(one.is_silent for one in people)
    silent = [one for one in people if one.is_silent]
    # Whom both name is in both shares, and makes no difference.
    rule_alone = [one for one in by_wait[count:] if one.is_silent]
    recency_alone = [one for one in by_wait[:count] if not one.is_silent]
    return Row(
        key,
        _share(silent),
        _share(by_wait[:count]),
        _share(people),
        _gain(_share(rule_alone), _share(recency_alone), count),
    )


def _gain(rule: Share, recency: Share, count: int) -> tuple[float, float] | None:
    """Of `count` people, `rule` are named by the rule alone, and as many by recency:
    two shares of different people."""
    if count < ENOUGH:
        return None
    shares = [one.away / one.people for one in (rule, recency) if one.people]
    variance = rule.people * sum(share * (1 - share) for share in shares)
    gain = 100 * (rule.away - recency.away) / count
    return gain, 100 * _Z_95 * sqrt(variance) / count


def _share(people: Sequence[Silence]) -> Share:
    return Share(len(people), sum(not one.came_back for one in people))
