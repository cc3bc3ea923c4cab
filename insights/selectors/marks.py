"""What was measured before and after something was done; never because of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from insights import words
from insights.choices import Basis, Metric
from insights.figures import percent
from insights.metrics import churn, periods
from insights.metrics import retention as metrics
from insights.metrics.measures import Measure
from insights.metrics.movement import Both, Share, change_of_shares
from insights.metrics.periods import Period
from insights.models import Mark
from insights.selectors import spans
from insights.selectors.asked import Asked
from web.rules.movement import Change, Moved, movements


@dataclass(frozen=True)
class Side:
    """The time before or after a mark."""

    asked: Asked
    counts: spans.Counts
    measure: Measure
    is_over: bool

    @property
    def share(self) -> Share:
        return self.counts.left

    @property
    def shown(self) -> str:
        if not self.is_over:
            return _("not over")
        if self.measure.value is None:
            return _("too few to say")
        return percent(self.measure.value)


@dataclass(frozen=True)
class MarkRow:
    """A mark with what was measured on both sides of it."""

    mark: Mark
    before: Side
    after: Side
    change: Change
    moved: Moved = Moved.UNKNOWN

    @property
    def key(self) -> str:
        return f"mark-{self.mark.pk}"

    @property
    def sentence(self) -> str:
        return _sentence(self)

    @property
    def before_url(self) -> str:
        return self.before.asked.people_url("lost")

    @property
    def after_url(self) -> str:
        return self.after.asked.people_url("lost")


def rows(basis: Basis, horizon: date | None) -> list[MarkRow]:
    """All marks of a basis; what moved beyond chance is named over all of them."""
    found = measured(basis, horizon)
    return named(found, movements(changes(found)))


def changes(found: Sequence[MarkRow]) -> dict[str, Change]:
    """How far each of them moved, by its key."""
    return {row.key: row.change for row in found}


def named(found: Sequence[MarkRow], moved: Mapping[str, Moved]) -> list[MarkRow]:
    """The same with how each of them moved, by its key."""
    return [replace(row, moved=moved[row.key]) for row in found]


def measured(basis: Basis, horizon: date | None) -> list[MarkRow]:
    """All marks of a basis, of which nothing is named yet."""
    marks = list(Mark.objects.filter(basis=basis.value))
    asked = [_asked(mark, way) for mark in marks for way in (-1, 1)]
    found = iter(spans.counted_each(basis, [one.period for one in asked]))
    each = [
        _side(marks[at // 2], one, next(found), horizon) for at, one in enumerate(asked)
    ]
    sides = list(zip(each[::2], each[1::2], strict=True))
    pairs = [(before.asked.period, after.asked.period) for before, after in sides]
    both = [one.others for one in spans.in_both(basis, pairs)]
    return [
        MarkRow(mark, before, after, _change(before, after, again))
        for mark, (before, after), again in zip(marks, sides, both, strict=True)
    ]


def _change(before: Side, after: Side, both: Both) -> Change:
    """Unknown where either side is not over."""
    if not (before.is_over and after.is_over):
        return Change(0.0, None)
    return change_of_shares(before.share, after.share, both)


def _asked(mark: Mark, way: int) -> Asked:
    """The months before a mark (`way` -1) or after it (1)."""
    other = periods.add_months(mark.month, way * mark.months)
    first, last = sorted((mark.month, other))
    return Asked(Basis(mark.basis), Period(first, last))


def _side(mark: Mark, asked: Asked, counts: spans.Counts, horizon: date | None) -> Side:
    whole = metrics.retention(counts.span)
    if mark.metric == Metric.CHURN.value:
        whole = churn.churn_a_month(counts.start, counts.lost, mark.months)
    return Side(asked, counts, whole, asked.period.is_over(horizon))


def _sentence(row: MarkRow) -> str:
    """Says "after", never "because": other things happened, too."""
    mark, before, after = row.mark, row.before, row.after
    name = _("Churn a month") if mark.metric == Metric.CHURN.value else _("Retention")
    said = _(
        "%(metric)s: %(before)s before (%(first)s), %(after)s after (%(last)s)."
    ) % {
        "metric": name,
        "before": before.shown,
        "first": words.period(before.asked.period),
        "after": after.shown,
        "last": words.period(after.asked.period),
    }
    return f"{said} {_verdict(row.moved)}".strip()


def _verdict(moved: Moved) -> str:
    if moved in (Moved.UP, Moved.DOWN):
        return _(
            "This is a change beyond chance; whether it came of what was done, these"
            " figures cannot say."
        )
    if moved is Moved.BY_CHANCE:
        return _("Not a change beyond chance.")
    return ""
