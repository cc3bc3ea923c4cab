"""Retention: the rate of a span, over time, and beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _

from insights import words
from insights.figures import Figure, Unit, figure, percent
from insights.metrics import retention as metrics
from insights.metrics.measures import Measure
from insights.metrics.movement import Both, Share, change_of_shares
from insights.metrics.periods import Period
from insights.models import Definition
from insights.selectors import spans
from insights.selectors.asked import Asked, who
from insights.selectors.spans import Counts
from web import formats
from web.charts import Axis, Chart, Point, Series, line_chart
from web.rules.movement import Change, Moved

# How many periods stand in the table over time.
SHOWN = {"month": 25, "quarter": 13, "year": 8}
# 0, 25 ... 100 %.
PERCENT_AXIS = Axis(0, 1, [(part / 4, formats.percent(part * 25)) for part in range(5)])


@dataclass(frozen=True)
class Row:
    """The retention of one period or one group, with links to the people of it."""

    label: str
    asked: Asked
    counts: Counts
    measure: Measure
    is_over: bool

    @property
    def shown(self) -> str:
        return "" if self.measure.value is None else percent(self.measure.value)

    @property
    def doubt(self) -> str:
        if self.measure.low is None or self.measure.high is None:
            return ""
        return _("%(low)s to %(high)s") % {
            "low": percent(self.measure.low),
            "high": percent(self.measure.high),
        }

    @property
    def share(self) -> Share:
        return Share(self.counts.kept, self.counts.start)

    # A table asks for each of them.
    @cached_property
    def links(self) -> dict[str, str]:
        """The list of people for each group."""
        return {
            group: self.asked.people_url(group)
            for group in ("start", "kept", "lost", "new", "back", "end")
        }


def counts_of(asked: Asked, *, today: date) -> Counts:
    """From the sums where they are kept, else counted."""
    if asked.is_summed:
        [found] = spans.over_time(asked.basis, [asked.period], asked.by, asked.value)
        return found
    return spans.counted(asked.basis, asked.period, who(asked, today=today))


def row_of(asked: Asked, label: str, *, horizon: date | None, today: date) -> Row:
    """One row, whatever is asked."""
    counts = counts_of(asked, today=today)
    return _row(label, asked, counts, horizon)


def _row(label: str, asked: Asked, counts: Counts, horizon: date | None) -> Row:
    return Row(
        label,
        asked,
        counts,
        metrics.retention(counts.span),
        asked.period.is_over(horizon),
    )


def over_time(
    asked: Asked, periods: Sequence[Period], *, horizon: date | None, today: date
) -> list[Row]:
    """A row for each of these neighbouring periods."""
    if asked.is_summed:
        found = spans.over_time(asked.basis, periods, asked.by, asked.value)
    else:
        found = [counts_of(asked.at(period), today=today) for period in periods]
    return [
        _row(words.period(period), asked.at(period), counts, horizon)
        for period, counts in zip(periods, found, strict=True)
    ]


def trend(rows: Sequence[Row]) -> Chart:
    """The rate over time; a gap where there were too few."""
    points = [
        Point(
            x=place,
            label=row.label,
            y=row.measure.value,
            shown=row.shown or _("too few to say"),
            low=row.measure.low,
            high=row.measure.high,
            doubt=row.doubt,
            is_over=row.is_over,
        )
        for place, row in enumerate(rows)
    ]
    series = [Series(_("Retention"), points)]
    return line_chart("retention", _("Retention over time"), series, PERCENT_AXIS)


def rate(
    row: Row,
    before: Row | None,
    *,
    definition: Definition,
    chart: Chart | None = None,
    moved: Moved = Moved.UNKNOWN,
) -> Figure:
    """The figure of one span; `moved`: how since the one before."""
    counts = row.counts
    return figure(
        "retention",
        _title(row),
        row.measure,
        Unit.PERCENT,
        sentence=_(
            "Of %(start)s customers when this time began, %(kept)s were still customers"
            " when it was over. %(lost)s left."
        )
        % {
            "start": formats.number(counts.start),
            "kept": formats.number(counts.kept),
            "lost": formats.number(counts.lost),
        },
        how=words.retention_how(definition, row.asked.basis),
        people_url=row.links["kept"],
        people=counts.kept,
        is_over=row.is_over,
        movement=movement(row, before, moved),
        trend=chart,
    )


def parts(row: Row, definition: Definition) -> list[Figure]:
    """The rate and the numbers that it comes from, of one side of a comparison."""
    made = rate(row, None, definition=definition)
    numbers = [
        figure(
            group,
            title,
            Measure(getattr(row.counts, group)),
            Unit.PEOPLE,
            sentence="",
            how=made.how,
            people_url=row.links[group],
            people=getattr(row.counts, group),
            is_over=row.is_over,
        )
        for group, title in (
            ("start", _("At the start")),
            ("kept", _("Kept")),
            ("lost", _("Left")),
            ("new", _("New")),
            ("back", _("Came back")),
            ("end", _("At the end")),
        )
    ]
    return [replace(made, title=_("Retention")), *numbers]


def _title(row: Row) -> str:
    period = words.period(row.asked.period)
    if row.asked.by == "all":
        return _("Retention, %(period)s") % {"period": period}
    return _("Retention, %(period)s: %(group)s") % {
        "period": period,
        "group": row.label,
    }


def change(row: Row, before: Row | None, *, today: date) -> Change:
    """How far the rate moved; unknown where either is not over or has too few."""
    is_over = before is not None and before.is_over and row.is_over
    if before is None or not is_over or not (before.shown and row.shown):
        return Change(0.0, None)
    return change_of_shares(
        before.share, row.share, in_both(before.asked, row.asked, today=today)
    )


def in_both(earlier: Asked, later: Asked, *, today: date) -> Both:
    """Those who were customers when both spans began, and how many were kept."""
    of = who(earlier, today=today), who(later, today=today)
    [found] = spans.in_both(earlier.basis, [(earlier.period, later.period)], of)
    return found


def movement(row: Row, before: Row | None, moved: Moved) -> str:
    """Whether it moved beyond chance since the period before, as a sentence; `moved` is
    named over the whole page."""
    if before is None or moved is Moved.UNKNOWN:
        return ""
    if moved is Moved.BY_CHANCE:
        return _("Not a change beyond chance since %(period)s.") % {
            "period": before.label
        }
    shape = (
        _("Higher than in %(period)s, when it was %(rate)s.")
        if moved is Moved.UP
        else _("Lower than in %(period)s, when it was %(rate)s.")
    )
    return shape % {"period": before.label, "rate": before.shown}
