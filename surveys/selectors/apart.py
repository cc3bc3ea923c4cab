"""Past answers from 1 to 10: beside the figures of a survey, in none of them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from crm import selectors as crm
from crm.rules import dates
from surveys.models import Survey
from surveys.rules.questionnaire import Scale
from surveys.rules.scales import Result, result_of
from surveys.selectors.counts import Reader
from surveys.selectors.kept_counts import Book, book_of

_FIRST = date(1990, 1, 1)


def apart(survey: Survey, *, now: datetime) -> Result | None:
    """All of them, whenever they were given; None where there are none."""
    zone = dates.zone_of(crm.business().time_zone, "UTC")
    today = now.astimezone(zone).date()
    return apart_until(survey, zone, today, book=book_of(zone))


def apart_until(
    survey: Survey, zone: ZoneInfo, today: date, *, book: Book
) -> Result | None:
    """The same; `book`: as it was read (see `book_of`)."""
    reader = Reader(survey.pk, Scale.TEN, zone, book=book)
    [counts] = reader.once(("all", today), lambda: reader.by_span([(_FIRST, today)]))
    return result_of(Scale.TEN, counts)
