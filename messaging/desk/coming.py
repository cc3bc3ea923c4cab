"""What is coming to one customer in the next 60 days, and what will not fit."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from crm.models import Customer
from crm.page_parts import CustomerPanel
from crm.request_context import RequestContext
from crm.rules.dates import local_day
from messaging import kinds
from messaging.models import Automation, ForecastMail, ForecastPerson
from messaging.rules.send_decision import Code
from messaging.rules.simulation import ForecastDecision, Outcome
from messaging.selectors.outbox import in_words
from messaging.services import forecast_simulation

MOST_SHOWN = 12
_WORDS: dict[ForecastDecision, Promise] = {
    ForecastDecision.WAITS: gettext_lazy("waits until %(day)s: %(reason)s"),
    ForecastDecision.LAPSES: gettext_lazy("will lapse: %(reason)s"),
    ForecastDecision.REFUSED: gettext_lazy("not sent: %(reason)s"),
    ForecastDecision.HELD: gettext_lazy("waits until it is released: %(reason)s"),
}


@dataclass(frozen=True)
class Ahead:
    """One mail. `words`: what becomes of it, "" where it goes on its day. `goes_on`:
    the day on which it goes; None: it does not, or it is not known when."""

    automation: Automation
    day: date
    goes_on: date | None
    code: str
    words: str


@dataclass(frozen=True)
class Panel:
    """`is_full`: the contact limit holds some of them back."""

    rows: list[Ahead]
    more: int
    is_full: bool


def ahead(customer: Customer, *, now: datetime, zone: ZoneInfo) -> list[Ahead]:
    """In their order, as the forecast of the last hour found them and as things stand
    now: a pause of a minute ago counts. Days are of the reader's `zone`."""
    theirs = ForecastPerson.objects.filter(
        customer=customer, forecast__automation=None
    ).values("alike")
    rows = list(
        ForecastMail.objects.filter(
            alike__in=theirs, forecast__automation=None, expires_at__gt=now
        )
        .select_related("automation")
        .order_by("moment", "id")
    )
    known = {kind.name for kind in kinds.swept_kinds()}
    waiting = [
        row
        for row in rows
        if row.automation.kind in known
        and not (row.decision == ForecastDecision.GOES and row.moment <= now)
    ]
    if not waiting:
        return []
    found = forecast_simulation.of_one(waiting, customer, now=now)
    return [_ahead(zone, row, found[row.pk]) for row in waiting]


def _ahead(zone: ZoneInfo, row: ForecastMail, found: Outcome) -> Ahead:
    words = ""
    goes_on: date | None = row.day
    if found.decision in _WORDS:
        goes_on = local_day(found.goes_at, zone) if found.goes_at else None
        words = str(_WORDS[found.decision]) % {
            "day": date_format(goes_on or row.day, "j M"),
            "reason": in_words(found.code),
        }
    return Ahead(row.automation, row.day, goes_on, found.code, words)


def _panel(context: RequestContext, customer: Customer) -> Panel | None:
    rows = context.once(ahead, customer, now=context.now, zone=context.zone)
    if not rows:
        return None
    return Panel(
        rows[:MOST_SHOWN],
        max(len(rows) - MOST_SHOWN, 0),
        any(row.code == Code.CONTACT_LIMIT for row in rows),
    )


PARTS = (
    CustomerPanel(
        name="coming_mails",
        order=25,
        label=gettext_lazy("Coming in 60 days"),
        template="messaging/_coming_to_person.html",
        read=_panel,
    ),
)
