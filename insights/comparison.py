"""Two periods or two groups side by side: the same figures and how far they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from insights.figures import Figure, Unit, written
from insights.metrics.difference import as_change, difference
from insights.metrics.measures import Measure
from web import formats
from web.rules.movement import Change, Moved, movements


@dataclass(frozen=True)
class Compared:
    """One figure of both sides, and their difference in words."""

    first: Figure
    second: Figure
    apart: str
    doubt: str
    verdict: str


@dataclass(frozen=True)
class Comparison:
    """All figures that both sides have; `first` and `second` name the sides."""

    first: str
    second: str
    rows: list[Compared]
    note: str = ""
    # What else of the page moved, by its key.
    moved: Mapping[str, Moved] = field(default_factory=dict)

    @property
    def figures(self) -> list[Figure]:
        """Both sides one after the other, for files."""
        return [
            replace(one, title=f"{one.title}: {side}")
            for row in self.rows
            for side, one in ((self.first, row.first), (self.second, row.second))
        ]


def compare(
    names: tuple[str, str],
    first: Sequence[Figure],
    second: Sequence[Figure],
    *,
    overlap: bool,
    fill: bool = False,
    repeated: bool = False,
    known: Mapping[str, Measure | None] | None = None,
    page: Mapping[str, Change] | None = None,
) -> Comparison:
    """Figures with the same key and currency beside each other; `fill`: of people whom
    only one side has there is nobody on the other.

    `overlap`: the same people or days may be on both sides. Then nothing is said to
    differ beyond chance. `repeated`: the same people may be on both sides, in other
    days; `known`: differences by key for which it was counted who is. `page`: what else
    the page shows as moved: of all that it says so 5 % at most are chance.
    """
    pairs = _paired(first, second, fill=fill)
    apart = {
        str(at): _apart(*pair, repeated=repeated, known=known or {})
        for at, pair in enumerate(pairs)
    }
    moved = movements(
        {at: as_change(one) for at, one in apart.items()} | dict(page or {})
    )
    return Comparison(
        *names,
        rows=[
            _row(pair, apart[str(at)], moved[str(at)], overlap=overlap)
            for at, pair in enumerate(pairs)
        ],
        note=_overlapping() if overlap else "",
        moved={key: moved[key] for key in page or {}},
    )


def _paired(
    first: Sequence[Figure], second: Sequence[Figure], *, fill: bool
) -> list[tuple[Figure, Figure]]:
    left, right = (
        {(one.key, one.currency): one for one in side} for side in (first, second)
    )
    if fill:
        left |= {key: _nobody(one, left) for key, one in _missing(right, left)}
        right |= {key: _nobody(one, right) for key, one in _missing(left, right)}
    return [(one, right[key]) for key, one in left.items() if key in right]


_Keyed = Mapping[tuple[str, str], Figure]


def _missing(of: _Keyed, on: _Keyed) -> list[tuple[tuple[str, str], Figure]]:
    rows = of.items()
    return [(k, one) for k, one in rows if k not in on and one.unit is Unit.PEOPLE]


def _nobody(like: Figure, side: _Keyed) -> Figure:
    """Nobody, in the time of this side."""
    is_over = all(one.is_over for one in side.values())
    return replace(like, value=0.0, people=0, people_url=None, is_over=is_over)


def _apart(
    first: Figure,
    second: Figure,
    *,
    repeated: bool,
    known: Mapping[str, Measure | None],
) -> Measure | None:
    """None where either says nothing, or is not over and so compared with nothing."""
    if not (first.is_over and second.is_over):
        return None
    if first.value is None or second.value is None:
        return None
    if first.key in known:
        return known[first.key]
    return difference(first.measure, second.measure, repeated=repeated)


def _row(
    pair: tuple[Figure, Figure], apart: Measure | None, moved: Moved, *, overlap: bool
) -> Compared:
    first, second = pair
    if apart is None or apart.value is None:
        is_over = first.is_over and second.is_over
        why = _("Not enough to compare.") if is_over else _("Not over: not compared.")
        return Compared(first, second, "", "", why)
    return Compared(
        first,
        second,
        _signed(apart.value, first),
        _between(apart, first),
        "" if overlap else _verdict(moved),
    )


def _between(apart: Measure, like: Figure) -> str:
    if apart.low is None or apart.high is None:
        return ""
    return _("Likely between %(low)s and %(high)s.") % {
        "low": _signed(apart.low, like),
        "high": _signed(apart.high, like),
    }


def _verdict(moved: Moved) -> str:
    return {
        Moved.UP: _("Higher, beyond chance."),
        Moved.DOWN: _("Lower, beyond chance."),
        Moved.BY_CHANCE: _("Not beyond chance."),
        Moved.UNKNOWN: "",
    }[moved]


def _overlapping() -> str:
    return _(
        "Both sides share people or days, so no difference is called beyond chance."
    )


def _signed(value: float, like: Figure) -> str:
    """+3.1 points, −£20.00: with a true minus, on its side of the number."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    if like.unit is Unit.PERCENT:
        points = formats.number(round(abs(value) * 100, 1))
        return _("%(n)s points") % {"n": formats.left_to_right(f"{sign}{points}")}
    if like.unit is Unit.POINTS:
        return formats.signed(round(value))
    size = written(abs(value), like.unit, like.currency)
    return formats.left_to_right(f"{sign}{size}")
