"""How a measure is written in a cell."""

from django import template

from insights.figures import Unit, written
from insights.metrics.measures import Measure

register = template.Library()


@register.filter
def measured(measure: Measure, currency: str = "") -> str:
    """The value, as money where a currency is named; a dash where there is none."""
    if measure.value is None:
        return "\N{EN DASH}"
    return written(measure.value, Unit.MONEY if currency else Unit.RATIO, currency)
