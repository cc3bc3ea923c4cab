"""Past answers from 1 to 10: beside the figures of a survey, in none of them."""

from datetime import date, datetime

from crm import selectors as crm
from crm.rules import dates
from surveys.models import Survey
from surveys.rules.questionnaire import Scale
from surveys.rules.scales import Result, result_of
from surveys.selectors.counts import Reader

_FIRST = date(1990, 1, 1)


def apart(survey: Survey, *, now: datetime) -> Result | None:
    """All of them, whenever they were given; None where there are none."""
    zone = dates.zone_of(crm.business().time_zone, "UTC")
    days = (_FIRST, now.astimezone(zone).date())
    [counts] = Reader(survey.pk, Scale.TEN, zone).by_span([days])
    return result_of(Scale.TEN, counts)
