"""Past answers from 1 to 10: beside the figures of a survey, in none of them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from crm import selectors as crm
from crm.rules import dates
from surveys.models import Survey
from surveys.rules.questionnaire import Scale
from surveys.rules.scales import Result, result_of
from surveys.selectors.counts import Reader, days_are_kept

_FIRST = date(1990, 1, 1)


def apart(survey: Survey, *, now: datetime) -> Result | None:
    """All of them, whenever they were given; None where there are none."""
    zone = dates.zone_of(crm.business().time_zone, "UTC")
    today = now.astimezone(zone).date()
    return apart_until(survey, zone, today, is_kept=days_are_kept(zone))


def apart_until(
    survey: Survey, zone: ZoneInfo, today: date, *, is_kept: bool
) -> Result | None:
    """The same; `is_kept`: whether days of this zone are (see `days_are_kept`)."""
    reader = Reader(survey.pk, Scale.TEN, zone, is_kept=is_kept)
    [counts] = reader.by_span([(_FIRST, today)])
    return result_of(Scale.TEN, counts)
