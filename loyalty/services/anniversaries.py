"""Keep planned thanks on the right day when "customer since" changes."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction

from crm import selectors as crm
from crm.rules.choices import LeapDay
from crm.sql.ids import among
from loyalty.rules.anniversary import anniversary
from messaging.models import Message
from messaging.rules.choices import State
from messaging.services import messages as ledger

KIND = "anniversary"
DATE_CHANGED = "superseded_date_changed"


@transaction.atomic
def replan(customer_ids: Collection[int], *, now: datetime) -> int:
    """Give up what is planned for a day that is no longer it; a sweep plans the new.

    The few planned ones are read, never the customers of a whole import.
    """
    planned = list(
        Message.objects.select_related("customer").filter(
            kind=KIND, state=State.PLANNED.value, customer_id__in=among(customer_ids)
        )
    )
    stale = with_another_day(planned)
    return ledger.supersede(
        Message.objects.filter(pk__in=stale), reason_code=DATE_CHANGED, now=now
    )


def with_another_day(messages: Sequence[Message]) -> list[int]:
    """Ids of the messages whose customer (select_related) has another anniversary that
    year, or none."""
    leap_day = LeapDay(crm.business().leap_day)
    return [
        message.pk
        for message in messages
        if _day(message.person.since_on, message, leap_day) != message.why["on"]
    ]


def _day(since_on: date | None, message: Message, leap_day: LeapDay) -> str:
    if since_on is None:
        return ""
    on = anniversary(since_on, int(message.occurrence), leap_day)
    return on.isoformat() if on else ""
