"""The signals of loyalty: the last quarter that is over, beside the same one a year
before, so that both have the same season."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from insights import signal_words, words
from insights.choices import Basis
from insights.figures import Figure, Unit, figure, written
from insights.metrics.intervals import share
from insights.metrics.measures import Measure, Why, without
from insights.metrics.movement import Share
from insights.metrics.periods import Period
from insights.models import Definition
from insights.selectors import origins, spans
from insights.selectors.asked import Asked
from insights.selectors.definition import definition
from insights.selectors.signal_shares import Signal, people_url, quarters, shares
from web.rules.movement import Change, Moved, movements

# In the order of the page; before them stands what a customer costs.
NAMES = (
    *("churn", "referred", "refunds", "reviews", "novelty", "repeat", "praise"),
    *("shown", "complaints"),
)
# More of these is better; of the others less.
_GAINS = frozenset(
    {"referred", "reviews", "novelty", "repeat", "praise", "shown", "complaints"}
)


@dataclass(frozen=True)
class Signals:
    """What was counted of two quarters."""

    basis: Basis
    now: Period
    before: Period
    found: Sequence[Signal]

    @property
    def changes(self) -> dict[str, Change]:
        """How far each moved, by name."""
        return {one.name: one.change for one in self.found}

    def figures(self, moved: Mapping[str, Moved]) -> list[Figure]:
        """Each as a figure; `moved`: which of them did, of all that the page names."""
        by_name = {one.name: one for one in self.found}
        row = definition()
        return [
            *_costs(self, row),
            *(
                _figure(by_name[name], self, moved[name], row)
                if name in by_name
                else _not_here(name, self, row)
                for name in NAMES
            ),
        ]


def counted(basis: Basis, *, horizon: date, today: date) -> Signals:
    """The last quarter that is over, and the same one a year before."""
    now, before = quarters(horizon)
    was, asked = Asked(basis, before), Asked(basis, now)
    return Signals(basis, now, before, list(shares(was, asked, today=today)))


def signals(basis: Basis, *, horizon: date, today: date) -> list[Figure]:
    """Each as a figure; of all that is said to have moved 5 % at most are chance."""
    found = counted(basis, horizon=horizon, today=today)
    return found.figures(movements(found.changes))


def sides(
    first: Asked, second: Asked, *, today: date
) -> tuple[list[Figure], list[Figure], dict[str, Measure | None]]:
    """The shares of two quarters, or of two groups in them, each as a side of a
    comparison; and how far those lie apart of which it was counted who is in both, by
    key: none where the same people may be on both sides in the same days."""
    earlier, later = sorted((first, second), key=lambda one: one.period)
    found = list(shares(earlier, later, today=today))
    if first is later:
        found = [one.turned for one in found]
    row, is_counted = definition(), not first.overlaps(second)
    return (
        [_side(one.name, one.before, first, row) for one in found],
        [_side(one.name, one.now, second, row) for one in found],
        {one.name: one.apart for one in found if is_counted and one.both is not None},
    )


def _side(name: str, counts: Share, asked: Asked, row: Definition) -> Figure:
    return figure(
        name,
        signal_words.titles()[name],
        _measure(counts),
        Unit.PERCENT,
        sentence=signal_words.sentence(name, counts.count, counts.base),
        how=signal_words.how(name, row, asked.basis),
        people_url=people_url(name, asked),
        people=counts.count,
    )


def _figure(one: Signal, found: Signals, moved: Moved, row: Definition) -> Figure:
    is_gain = one.name in _GAINS
    was = signal_words.moved(
        moved,
        words.period(found.before),
        _measure(one.before).value,
        is_gain=is_gain,
    )
    side = _side(one.name, one.now, Asked(found.basis, found.now), row)
    return replace(
        side,
        title=_title(one.name, found.now),
        movement=" ".join([was, signal_words.better(is_gain=is_gain)]),
    )


def _not_here(name: str, found: Signals, row: Definition) -> Figure:
    """A signal that this basis knows nothing of, with the reason."""
    made = figure(
        name,
        _title(name, found.now),
        without(Why.NOT_HERE),
        Unit.PERCENT,
        sentence="",
        how=signal_words.how(name, row, found.basis),
        movement=signal_words.better(is_gain=name in _GAINS),
    )
    return replace(made, sentence=signal_words.not_here(name))


def _title(name: str, now: Period) -> str:
    return f"{signal_words.titles()[name]}, {words.period(now)}"


def _measure(one: Share) -> Measure:
    return share(one.count, one.base)


def _costs(found: Signals, row: Definition) -> Iterator[Figure]:
    """One a currency: all that was spent, for each customer gained."""
    asked, period = Asked(found.basis, found.now), words.period(found.before)
    [was_gained, gained] = (
        counts.new for counts in spans.over_time(found.basis, [found.before, found.now])
    )
    earlier = origins.cac(asked.at(found.before), was_gained)
    for currency, measure in origins.cac(asked, gained).items():
        was = earlier.get(currency)
        yield figure(
            f"cost-{currency}".rstrip("-"),
            _title("cost", found.now),
            measure,
            Unit.MONEY,
            sentence=_("So much was spent for each of %(n)s who came.")
            % {"n": measure.base},
            how=signal_words.how("cost", row, found.basis),
            people_url=asked.people_url("new"),
            people=gained,
            currency=currency,
            movement=_cost_before(was, measure, currency, period),
        )


def _cost_before(was: Measure | None, now: Measure, currency: str, period: str) -> str:
    less = signal_words.better(is_gain=False)
    if was is None or was.value is None or now.value is None:
        return " ".join(
            [_("Nothing to compare with in %(period)s.") % {"period": period}, less]
        )
    shape = (
        _("Better than in %(period)s, when it was %(cost)s.")
        if now.value < was.value
        else _("Worse than in %(period)s, when it was %(cost)s.")
        if now.value > was.value
        else _("As in %(period)s, when it was %(cost)s.")
    )
    cost = written(was.value, Unit.MONEY, currency)
    return " ".join([shape % {"period": period, "cost": cost}, less])
