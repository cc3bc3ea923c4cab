"""What reports are asked for: which days, by what, of whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from insights.choices import Basis, Dimension
from insights.figures import Figure
from insights.metrics import periods
from insights.metrics.periods import ONE_DAY, Period
from insights.selectors import spans
from insights.selectors.asked import SEGMENT, Asked
from insights.selectors.definition import bases, definition, horizon
from insights.selectors.groups import label_of
from insights.selectors.scores_asked import GROUPS
from web.errors import InvalidValue

SUMMED = tuple(one.value for one in Dimension)
ANSWERED = ("all", *GROUPS)
BY = tuple(dict.fromkeys((*SUMMED, *ANSWERED)))


@dataclass(frozen=True)
class Ask:
    """What a report is asked for; None and "all" leave it at the page's own default.

    `first` and `last` are days, both within the span; `by` is one of BY.
    """

    now: datetime
    today: date
    first: date | None = None
    last: date | None = None
    by: str = "all"
    segment: int | None = None


def refuse(ask: Ask, *names: str) -> None:
    """Raise InvalidValue where one of these is given: the report knows nothing of it,
    and figures of everybody would be taken for figures of what was asked for."""
    given = {
        "from": ask.first is not None,
        "to": ask.last is not None,
        "by": ask.by != Dimension.ALL,
        "segment": ask.segment is not None,
    }
    if refused := [name for name in names if given[name]]:
        raise InvalidValue(
            f"This report cannot be narrowed by {', '.join(refused)}.",
            fields=dict.fromkeys(refused, "not_of_this_report"),
        )


def only_by(ask: Ask, known: Sequence[str]) -> None:
    """Raise InvalidValue for a group of which this report knows nothing."""
    if ask.by not in known:
        raise InvalidValue(fields={"by": "unknown_choice"})


def bases_known(ask: Ask) -> Iterator[tuple[Basis, date]]:
    """What the shop counts by, as far as anything is known of it."""
    row = definition()
    for basis in bases(row):
        known = horizon(row, basis, today=ask.today)
        if known is not None:
            yield basis, known


def groups_asked(ask: Ask, basis: Basis, known: date) -> Iterator[tuple[Asked, str]]:
    """One for everybody, or for each value, or for a segment; with its name."""
    asked = Asked(basis, period_of(ask, known))
    if ask.segment is not None:
        value = str(ask.segment)
        yield asked.of(value, by=SEGMENT), label_of(SEGMENT, value)
    elif ask.by == Dimension.ALL:
        yield asked, ""
    else:
        for value in spans.values_of(basis, ask.by):
            yield asked.of(value, by=ask.by), label_of(ask.by, value)


def period_of(ask: Ask, known: date) -> Period:
    """The span that is asked for, else the last quarter that is over."""
    if not (ask.first or ask.last):
        return periods.last_over(known, "quarter")
    last = ask.last or known
    return Period(ask.first or last - timedelta(days=364), last + ONE_DAY)


def of_basis(made: Figure, basis: Basis) -> Figure:
    """Told from the same figure by another basis by its key."""
    return made if basis is Basis.ORDERS else replace(made, key=f"{made.key}.contract")
