"""The people behind a figure of a forecast."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from urllib.parse import quote_plus

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.models import Customer
from messaging.models import Automation, Forecast, ForecastMail, ForecastPerson
from messaging.rules.simulation import ForecastDecision
from messaging.selectors.outbox import in_words
from messaging.sql.forecast_list import Asked, Place, page
from web import paging

SIZE = 50
DECISIONS: dict[str, Promise] = {
    ForecastDecision.GOES: _("Goes"),
    ForecastDecision.WAITS: _("Later"),
    ForecastDecision.LAPSES: _("Will lapse"),
    ForecastDecision.REFUSED: _("Not sent"),
    ForecastDecision.HELD: _("On hold"),
}


class Figure(NamedTuple):
    """What a figure counts: mails of an automation with one decision, on the day they
    are due; or, with `late`, those of earlier days that go on `day`."""

    automation: int
    decision: ForecastDecision
    day: date | None = None
    late: bool = False
    code: str = ""
    # The automation that is off, in whose forecast they are.
    beside: int | None = None

    @property
    def query(self) -> str:
        """The query string of its page of people."""
        # The calendar has some hundreds of them, and only codes may need to be quoted.
        day = f"&day={self.day.isoformat()}" if self.day else ""
        code = f"&code={quote_plus(self.code)}" if self.code else ""
        beside = f"&beside={self.beside}" if self.beside else ""
        return (
            f"automation={self.automation}&decision={self.decision.value}"
            f"{day}{'&late=1' * self.late}{code}{beside}"
        )


@dataclass(frozen=True)
class Row:
    """One mail to one customer."""

    mail: ForecastMail
    customer: Customer


@dataclass(frozen=True)
class People:
    """Rows in their order, with `older` the place behind the last one, or ""."""

    rows: list[Row]
    older: str


def people(figure: Figure, found: Forecast, *, after: str = "") -> People:
    """One page of those behind a figure, by day, those with the same outcome together.
    `after`: where the page before ended."""
    asked = Asked(
        forecast=found.pk,
        automation=figure.automation,
        decision=figure.decision.value,
        day=figure.day,
        late=figure.late,
        code=figure.code,
        after=_place(after),
        size=SIZE + 1,
    )
    places = page(asked)
    shown = places[:SIZE]
    mails = ForecastMail.objects.in_bulk([pk for _, ids in shown for pk in ids])
    customers = Customer.objects.in_bulk([place.customer for place, _ in shown])
    # Two mails to one person on one day stay on one page.
    rows = [
        Row(mails[pk], customers[place.customer]) for place, ids in shown for pk in ids
    ]
    last = shown[-1][0] if len(places) > SIZE else None
    older = paging.write_place(last.on, last.alike, last.customer) if last else ""
    return People(rows, older)


def everybody(figure: Figure) -> "QuerySet[Customer]":
    """All behind a figure, as the kept forecast has it, each with `ahead`: day, step,
    decision, reason and moment of each mail."""
    beside = Automation.objects.filter(pk=figure.beside or 0, is_on=False).first()
    found = Forecast.objects.filter(automation=beside).first()
    mails = ForecastMail.objects.filter(
        forecast=found, automation=figure.automation, decision=figure.decision.value
    )
    by = "goes_on" if figure.late else "day"
    if figure.day:
        mails = mails.filter(**{by: figure.day})
        if figure.late:
            mails = mails.exclude(day=figure.day)
    if figure.code:
        mails = mails.filter(reason_code=figure.code)
    people = ForecastPerson.objects.filter(forecast=found)
    theirs = people.filter(customer=OuterRef("pk")).values("alike")[:1]
    told = ("day", "step", "decision", "reason_code", "goes_at")
    return Customer.objects.filter(
        pk__in=people.filter(alike__in=mails.values("alike")).values("customer")
    ).annotate(
        alike=Subquery(theirs),
        ahead=ArraySubquery(
            mails.filter(alike=OuterRef("alike"))
            .order_by("day", "pk")
            .values(told=JSONObject(**{name: name for name in told}))
        ),
    )


def _place(text: str) -> Place | None:
    found = paging.read_place(text, date, int, int)
    return Place(*found) if found else None


def in_short(row: Row) -> str | Promise:
    """Why it does not go at its hour; "" where it does."""
    return in_words(row.mail.reason_code) if row.mail.reason_code else ""
