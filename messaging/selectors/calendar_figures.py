"""How many mails the calendar shows on each day, as forecasts keep them."""

from datetime import date

from django.db.models import QuerySet, Sum

from messaging.models import Forecast, ForecastDay
from messaging.rules.simulation import ForecastDecision

# By day and automation: how many of each decision; True: they were due earlier.
Figures = dict[tuple[date, int], dict[tuple[ForecastDecision, bool], int]]


def rows_of(found: Forecast, first: date, last: date) -> "QuerySet[ForecastDay]":
    """Of a forecast, those of these days."""
    return ForecastDay.objects.filter(forecast=found, day__range=(first, last))


def add(
    figures: Figures, rows: "QuerySet[ForecastDay]", first: date, last: date
) -> None:
    """Count each mail on the day it is due and, where it goes later, on that day."""
    counted = rows.values_list("automation", "day", "decision", "goes_on").annotate(
        sum=Sum("mails")
    )
    for pk, day, decision, goes_on, mails in counted:
        figures[day, pk][ForecastDecision(decision), False] += mails
        is_late = decision == ForecastDecision.WAITS and goes_on != day
        if is_late and first <= goes_on <= last:
            figures[goes_on, pk][ForecastDecision.WAITS, True] += mails
