"""What was measured before and after something was done; never because of it."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from insights import words
from insights.choices import Basis, Metric
from insights.figures import percent
from insights.metrics import churn, periods
from insights.metrics import retention as metrics
from insights.metrics.measures import Measure
from insights.metrics.movement import Share, change_of_shares
from insights.metrics.periods import Period
from insights.models import Mark
from insights.selectors import spans
from insights.selectors.asked import Asked
from web.rules.movement import Moved, movements


@dataclass(frozen=True)
class Side:
    """The time before or after a mark."""

    asked: Asked
    counts: spans.Counts
    measure: Measure
    is_over: bool

    @property
    def share(self) -> Share:
        return Share(self.counts.lost, self.counts.start)

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
    sentence: str

    @property
    def before_url(self) -> str:
        return self.before.asked.people_url("lost")

    @property
    def after_url(self) -> str:
        return self.after.asked.people_url("lost")


def rows(basis: Basis, horizon: date | None) -> list[MarkRow]:
    """All marks of a basis; what moved beyond chance is named over all of them."""
    marks = list(Mark.objects.filter(basis=basis.value))
    asked = [_asked(mark, way) for mark in marks for way in (-1, 1)]
    found = iter(spans.counted_each(basis, [one.period for one in asked]))
    each = [
        _side(marks[at // 2], one, next(found), horizon) for at, one in enumerate(asked)
    ]
    sides = list(zip(each[::2], each[1::2], strict=True))
    pairs = [(before.asked.period, after.asked.period) for before, after in sides]
    both = [one.others for one in spans.in_both(basis, pairs)]
    changes = {
        str(mark.pk): change_of_shares(before.share, after.share, again)
        for mark, (before, after), again in zip(marks, sides, both, strict=True)
        if before.is_over and after.is_over
    }
    moved = movements(changes)
    return [
        MarkRow(
            mark, before, after, _sentence(mark, before, after, moved.get(str(mark.pk)))
        )
        for mark, (before, after) in zip(marks, sides, strict=True)
    ]


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


def _sentence(mark: Mark, before: Side, after: Side, moved: Moved | None) -> str:
    """Says "after", never "because": other things happened, too."""
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
    return f"{said} {_verdict(moved)}".strip()


def _verdict(moved: Moved | None) -> str:
    if moved in (Moved.UP, Moved.DOWN):
        return _(
            "This is a change beyond chance; whether it came of what was done, these"
            " figures cannot say."
        )
    if moved is Moved.BY_CHANCE:
        return _("Not a change beyond chance.")
    return ""
