"""The people behind a figure of a forecast."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from messaging.models import Forecast, ForecastPerson
from messaging.rules.simulation import Verdict
from messaging.selectors.outbox import in_words
from web import paging

SIZE = 50
VERDICTS: dict[str, Promise] = {
    Verdict.GOES: _("Goes"),
    Verdict.WAITS: _("Later"),
    Verdict.LAPSES: _("Will lapse"),
    Verdict.REFUSED: _("Not sent"),
    Verdict.HELD: _("On hold"),
}


@dataclass(frozen=True)
class Figure:
    """What a figure counts: mails of an automation with one verdict, on the day they
    are due; or, with `late`, those of earlier days that go on `day`."""

    automation: int
    verdict: Verdict
    day: date | None = None
    late: bool = False
    code: str = ""
    # The automation that is off, in whose forecast they are.
    beside: int | None = None

    @property
    def query(self) -> str:
        """The query string of its page of people."""
        values = {
            "automation": self.automation,
            "verdict": self.verdict.value,
            "day": self.day.isoformat() if self.day else "",
            "late": "1" if self.late else "",
            "code": self.code,
            "beside": self.beside or "",
        }
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class People:
    """Rows in their order, with `older` the place behind the last one, or ""."""

    rows: list[ForecastPerson]
    older: str


def people(figure: Figure, found: Forecast, *, after: str = "") -> People:
    """One page of those behind a figure, by day and record. `after`: where the page
    before ended."""
    by = "goes_on" if figure.late else "day"
    rows = _behind(figure, found).select_related("customer")
    if place := paging.read_cursor(after):
        moment, (pk,) = place
        day = moment.date()
        rows = rows.filter(
            Q(**{f"{by}__gt": day}) | Q(**{by: day}, customer__gt=pk),
            **{f"{by}__gte": day},
        )
    page = list(rows.order_by(by, "customer")[: SIZE + 1])
    if len(page) <= SIZE:
        return People(page, "")
    page.pop()
    # Two mails to one person on one day stay on one page.
    last = page[-1]
    day = getattr(last, by)
    same = rows.filter(customer=last.customer_id, **{by: day})
    page = [
        row
        for row in page
        if (getattr(row, by), row.customer_id) != (day, last.customer_id)
    ] + list(same)
    return People(page, paging.write_cursor(day, last.customer_id))


def _behind(figure: Figure, found: Forecast) -> "QuerySet[ForecastPerson]":
    rows = ForecastPerson.objects.filter(
        forecast=found, automation=figure.automation, verdict=figure.verdict.value
    )
    if figure.day:
        rows = rows.filter(**{"goes_on" if figure.late else "day": figure.day})
        if figure.late:
            # On their own day they are counted there.
            rows = rows.exclude(day=figure.day)
    return rows.filter(reason_code=figure.code) if figure.code else rows


def in_short(row: ForecastPerson) -> str | Promise:
    """Why it does not go at its hour; "" where it does."""
    return in_words(row.reason_code) if row.reason_code else ""
