"""Whom an automation would reach, asked before it is switched on or changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from crm import selectors
from crm.models import Customer
from crm.rules import dates, days_off
from messaging import kinds
from messaging.kinds import Window
from messaging.models import Automation, Message
from messaging.rules.holdout import is_held_out
from messaging.rules.outlook import look_ahead
from messaging.services import permission
from messaging.services.reach import reach_of
from messaging.sql import forecast as sql

DAYS = 30
# A page asks about so many people at most: enough to say "about 3 in 100".
MOST_ASKED = 1_000


@dataclass(frozen=True)
class Forecast:
    """People due per day, every day of the span once, whether any or none. Mail of a
    day off goes later, and is not held for that.

    `held` counts, among the `asked` of them, who would not get it on their day as
    things stand: reason code to people. `lapsing` counts those of them whose mail would
    not go later either, because its time ends first.
    """

    days: list[tuple[date, int]]
    asked: int
    held: Counter[str]
    lapsing: Counter[str]
    # There are more of them than were asked about.
    is_sample: bool

    @property
    def total(self) -> int:
        return sum(count for _, count in self.days)

    @property
    def going(self) -> int:
        return self.asked - self.held.total()


def forecast(automation: Automation, *, now: datetime, days: int = DAYS) -> Forecast:
    """Consent, limits and holds are asked as they stand, and again when it goes.

    The kind brings its own tables up to date first, as a sweep would, and all of that
    is rolled back: looking changes nothing.
    """
    kind = kinds.get(automation.kind)
    window = Window(
        after=now, until=now + timedelta(days=days), hour=automation.send_hour
    )
    with transaction.atomic():
        kind.refresh(automation, now)
        business = selectors.business()
        asked = sql.Asked(
            kind=kind.name,
            due=kind.due(automation, window, now),
            occurrence_prefix=kind.occurrence_prefix(automation),
            reach=reach_of(
                automation, country=business.country, today=business.day(now)
            ),
        )
        counts = Counter(dict(sql.due_per_day(asked)))
        some = sql.some_due(asked, most=MOST_ASKED)
        transaction.set_rollback(True)
    first = now.date()
    span = [first + timedelta(days=ahead) for ahead in range(days)]
    # The window ends within a day somewhere on earth, the span with a whole one.
    people = [(pk, day) for pk, day in some if first <= day <= span[-1]]
    held, lapsing = _held(automation, people, now)
    return Forecast(
        days=[(day, counts[day]) for day in span],
        asked=len(people),
        held=held,
        lapsing=lapsing,
        is_sample=len(some) == MOST_ASKED,
    )


def _held(
    automation: Automation, people: Sequence[tuple[int, date]], now: datetime
) -> tuple[Counter[str], Counter[str]]:
    """Why each who would not get it at its hour would not, and who never would."""
    messages = _messages(automation, people)
    facts = permission.facts(messages, now=now)
    held: Counter[str] = Counter()
    lapsing: Counter[str] = Counter()
    for message in messages:
        found = look_ahead(facts[message.pk], max(message.not_before, now))
        if found.reason is not None:
            held[found.reason.code] += 1
            lapsing[found.reason.code] += found.lapses
    return held, lapsing


def _messages(
    automation: Automation, people: Sequence[tuple[int, date]]
) -> list[Message]:
    """Never stored: what the decision asks of a message, and no more."""
    kind = kinds.get(automation.kind)
    shop = selectors.business()
    customers = Customer.objects.in_bulk([pk for pk, _ in people])
    messages = []
    for pk, day in people:
        zone = dates.zone_of(customers[pk].time_zone, shop.time_zone)
        moment = dates.moment_at(day, automation.send_hour, zone)
        goes_at = automation.allowed.goes_at(
            day,
            zone=zone,
            country=days_off.country_of(customers[pk].country, shop.country),
            hour=automation.send_hour,
            life_days=automation.life_days,
        )
        messages.append(
            Message(
                # No stored message has it: what counts against a customer is
                # counted without the message itself.
                pk=-pk,
                customer=customers[pk],
                category=kind.category.value,
                is_reminder=kind.is_reminder,
                automation=automation,
                in_holdout=is_held_out(
                    str(automation.holdout_salt), automation.holdout_percent, pk
                ),
                not_before=goes_at,
                expires_at=moment + timedelta(days=automation.life_days),
            )
        )
    return messages
