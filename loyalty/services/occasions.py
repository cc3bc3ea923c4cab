"""Keep planned greetings on the right day when the day of somebody changes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from crm import selectors as crm
from crm.models import CustomField
from crm.rules.choices import LeapDay
from crm.rules.dates import yearly
from crm.sql.ids import among
from loyalty.models import NameDay
from loyalty.rules.anniversary import anniversary
from loyalty.rules.yearly import milestone_on
from loyalty.selectors.name_days import day_of
from loyalty.sql import name_days as sql
from messaging.models import Message
from messaging.rules.choices import State
from messaging.services import messages as ledger

DATE_CHANGED = "superseded_date_changed"
# A birthday that was told shortly before, perhaps for a present, waits for the next.
TOLD_BEFORE = timedelta(days=30)

Day = date | None


@transaction.atomic(savepoint=False)
def replan(
    customer_ids: Collection[int], *, kinds: Collection[str], now: datetime
) -> int:
    """Give up what is planned for a day that is no longer it; a sweep plans the new.

    The few planned ones are read, never the customers of a whole import.
    """
    planned = Message.objects.filter(
        kind__in=kinds,
        state=State.PLANNED.value,
        customer_id__in=among(customer_ids),
    )
    # Nearly every change of a customer ends here.
    if not planned.exists():
        return 0
    moved = with_another_day(list(planned.select_related("customer")))
    return ledger.supersede(
        Message.objects.filter(pk__in=moved),
        reason_code=DATE_CHANGED,
        now=now,
    )


def with_another_day(messages: Sequence[Message]) -> list[int]:
    """Ids of the messages whose customer (select_related) has the occasion on another
    day, or not at all any more."""
    if not messages:
        return []
    leap_day = LeapDay(crm.business().leap_day)
    keys = _keys_of_fields(messages)
    counting = _name_days(messages)
    return [
        message.pk
        for message in messages
        if _day(message, leap_day, keys, counting)
        != date.fromisoformat(message.why["on"])
    ]


def _day(
    message: Message,
    leap_day: LeapDay,
    keys: Mapping[int, str],
    counting: Mapping[int, Sequence[NameDay]],
) -> Day:
    if message.kind == "custom_date":
        return _of_field(message, leap_day, keys)
    if message.kind == "name_day":
        return _of_name(message, counting.get(message.person_id, ()))
    return DAYS[message.kind](message, leap_day)


def _of_since(message: Message, leap_day: LeapDay) -> Day:
    began = message.person.since_on
    return began and anniversary(began, int(message.occurrence), leap_day)


def _of_first_order(message: Message, leap_day: LeapDay) -> Day:
    began = message.person.first_order_on
    return began and anniversary(began, int(message.occurrence), leap_day)


def _of_milestone(message: Message, leap_day: LeapDay) -> Day:
    began = message.person.since_on
    return began and milestone_on(began, message.occurrence, leap_day)


def _of_birth(message: Message, leap_day: LeapDay) -> Day:
    born = message.person
    if not born.birth_month or not born.birth_day:
        return None
    on = yearly(born.birth_month, born.birth_day, int(message.occurrence), leap_day)
    told = born.birth_recorded_at
    return None if told and told >= told_by(on) else on


def told_by(on: date) -> datetime:
    """Before which moment a birthday must have been told to be greeted on that day."""
    return datetime(on.year, on.month, on.day, tzinfo=UTC) - TOLD_BEFORE


def _of_name(message: Message, rows: Sequence[NameDay]) -> Day:
    """Of "2027" the day of the first of their names that has one, of "2027:2" that of
    the second."""
    year, _colon, rank = message.occurrence.partition(":")
    at = int(rank or 1) - 1
    return day_of(rows[at], int(year)) if at < len(rows) else None


def _name_days(messages: Sequence[Message]) -> dict[int, list[NameDay]]:
    """Customer id -> the name days that count for them now, in their order."""
    people = {m.person_id for m in messages if m.kind == "name_day"}
    if not people:
        return {}
    ids = sql.counting(sorted(people))
    rows = NameDay.objects.select_related("calendar").in_bulk(
        {pk for found in ids.values() for pk in found}
    )
    return {person: [rows[pk] for pk in found] for person, found in ids.items()}


def _keys_of_fields(messages: Sequence[Message]) -> dict[int, str]:
    """The keys in Customer.custom of the fields that messages name, archived ones left
    out."""
    ids = {message.why["field"] for message in messages if "field" in message.why}
    if not ids:
        return {}
    rows = CustomField.objects.filter(pk__in=ids, archived_at=None)
    return dict(rows.values_list("pk", "key"))


def _of_field(message: Message, leap_day: LeapDay, keys: Mapping[int, str]) -> Day:
    value = message.person.custom.get(keys.get(message.why["field"], ""))
    if not value:
        return None
    held, on = date.fromisoformat(value), date.fromisoformat(message.why["on"])
    if message.why["once"]:
        return held
    return yearly(held.month, held.day, on.year, leap_day) if held <= on else None


DAYS: dict[str, Callable[[Message, LeapDay], Day]] = {
    "anniversary": _of_since,
    "first_order": _of_first_order,
    "milestone": _of_milestone,
    "birthday": _of_birth,
}
