"""What is coming to one customer in the next 60 days, and what will not fit."""

from dataclasses import dataclass
from datetime import date

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
from messaging.rules.simulation import Outcome, Verdict
from messaging.selectors.outbox import in_words
from messaging.services import forecast_simulation

MOST_SHOWN = 12
_WORDS: dict[Verdict, Promise] = {
    Verdict.WAITS: gettext_lazy("waits until %(day)s: %(reason)s"),
    Verdict.LAPSES: gettext_lazy("will lapse: %(reason)s"),
    Verdict.REFUSED: gettext_lazy("not sent: %(reason)s"),
    Verdict.HELD: gettext_lazy("waits until it is released: %(reason)s"),
}


@dataclass(frozen=True)
class Ahead:
    """One mail. `words`: what becomes of it, "" where it goes on its day."""

    automation: Automation
    day: date
    code: str
    words: str


@dataclass(frozen=True)
class Panel:
    """`is_full`: the contact limit holds some of them back."""

    rows: list[Ahead]
    more: int
    is_full: bool


def ahead(context: RequestContext, customer: Customer) -> list[Ahead]:
    """In their order, as the forecast of the last hour found them and as things stand
    now: a pause of a minute ago counts."""
    theirs = ForecastPerson.objects.filter(
        customer=customer, forecast__automation=None
    ).values("alike")
    rows = list(
        ForecastMail.objects.filter(
            alike__in=theirs, forecast__automation=None, expires_at__gt=context.now
        )
        .select_related("automation")
        .order_by("moment", "id")
    )
    known = {kind.name for kind in kinds.swept_kinds()}
    waiting = [
        row
        for row in rows
        if row.automation.kind in known
        and not (row.verdict == Verdict.GOES and row.moment <= context.now)
    ]
    if not waiting:
        return []
    found = forecast_simulation.of_one(waiting, customer, now=context.now)
    return [_ahead(context, row, found[row.pk]) for row in waiting]


def _ahead(context: RequestContext, row: ForecastMail, found: Outcome) -> Ahead:
    words = ""
    if found.verdict in _WORDS:
        day = local_day(found.goes_at, context.zone) if found.goes_at else row.day
        words = str(_WORDS[found.verdict]) % {
            "day": date_format(day, "j M"),
            "reason": in_words(found.code),
        }
    return Ahead(row.automation, row.day, found.code, words)


def _panel(context: RequestContext, customer: Customer) -> Panel | None:
    rows = ahead(context, customer)
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
