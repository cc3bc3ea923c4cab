"""Who left, of one side of a comparison: a time or a group beside another."""

from datetime import date

from django.utils.translation import gettext as _

from insights.figures import Figure, Unit, figure
from insights.metrics.intervals import share
from insights.metrics.measures import Measure
from insights.models import Definition
from insights.selectors import churn
from insights.selectors.asked import Asked
from insights.selectors.spans import Counts

LEFT = "left"


def figures(
    found: Counts, asked: Asked, row: Definition, *, horizon: date | None
) -> list[Figure]:
    """The share that left in the span, and the numbers that it comes from."""
    is_over, how = asked.period.is_over(horizon), churn.how(row, asked.basis)
    numbers = (
        ("start", _("At the start")),
        ("lost", _("Left")),
        ("new", _("New")),
        ("back", _("Came back")),
    )
    part = found.left
    return [
        figure(
            LEFT,
            _("Left in this time"),
            share(part.count, part.base),
            Unit.PERCENT,
            sentence="",
            how=how,
            people_url=asked.people_url("lost"),
            people=part.count,
            is_over=is_over,
        ),
        *(
            figure(
                group,
                title,
                Measure(getattr(found, group)),
                Unit.PEOPLE,
                sentence="",
                how=how,
                people_url=asked.people_url(group),
                people=getattr(found, group),
                is_over=is_over,
            )
            for group, title in numbers
        ),
    ]
