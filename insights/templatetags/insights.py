"""Figures, rows of tables, and how a measure is written in a cell."""

from collections.abc import Iterable, Sequence

from django import template
from django.utils.safestring import SafeString

from insights import drawing
from insights import save_list_rows as save_list
from insights.figures import Figure, Unit, written
from insights.metrics.measures import Measure
from insights.save_list_rows import Action
from insights.selectors import churn, cohorts, retention
from insights.selectors.save_list import Slipping

register = template.Library()


@register.filter
def measured(measure: Measure, currency: str = "") -> str:
    """The value, as money where a currency is named; a dash where there is none."""
    if measure.value is None:
        return "\N{EN DASH}"
    return written(measure.value, Unit.MONEY if currency else Unit.RATIO, currency)


@register.simple_tag
def draw_figure(made: Figure, id: str = "") -> SafeString:
    """A figure with its doubt and its people; `id` tells it from others."""
    return SafeString(drawing.figure(made, id))


@register.simple_tag
def people_cell(n: int, url: str, label: str) -> SafeString:
    """A count in a table that opens its people."""
    return SafeString(drawing.people_cell(n, url, label))


@register.simple_tag
def retention_rows(rows: Iterable[retention.Row]) -> SafeString:
    """Retention by row."""
    return SafeString("".join(drawing.retention_rows(rows)))


@register.simple_tag
def churn_rows(months: Iterable[churn.Month]) -> SafeString:
    """Churn by month."""
    return SafeString("".join(drawing.churn_rows(months)))


@register.simple_tag
def cohort_rows(lines: Iterable[cohorts.Line]) -> SafeString:
    """A cohort a row."""
    return SafeString("".join(drawing.cohort_rows(lines)))


@register.simple_tag
def cohort_share(mean: cohorts.Mean) -> SafeString:
    """What a share of the cohorts says."""
    return SafeString(drawing.cohort_share(mean))


@register.simple_tag
def save_list_rows(
    rows: Iterable[tuple[Slipping, Sequence[Action]]],
    currency: str,
    brings: str,
    sees_people: bool,
) -> SafeString:
    """Who may leave, a person a row."""
    drawn = save_list.rows(rows, currency, brings, sees_people=sees_people)
    return SafeString("".join(drawn))
