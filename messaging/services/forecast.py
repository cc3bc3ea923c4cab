"""Whom an automation would reach, asked before it is switched on or changed."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from messaging import kinds
from messaging.kinds import Window
from messaging.models import Automation
from messaging.sql import forecast as sql

DAYS = 30


@dataclass(frozen=True)
class Forecast:
    """People due per day, every day of the span once, whether any or none."""

    days: list[tuple[date, int]]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.days)


def forecast(automation: Automation, *, now: datetime, days: int = DAYS) -> Forecast:
    """Before consent, limits and holds: those are asked when a mail may go.

    The kind brings its own tables up to date first, as a sweep would, and all of that
    is rolled back: looking changes nothing.
    """
    kind = kinds.get(automation.kind)
    window = Window(
        after=now, until=now + timedelta(days=days), hour=automation.send_hour
    )
    with transaction.atomic():
        kind.refresh(automation, now)
        due = kind.due(automation, window, now)
        counts = Counter(dict(sql.due_per_day(kind.name, due)))
        transaction.set_rollback(True)
    first = now.date()
    span = [first + timedelta(days=ahead) for ahead in range(days)]
    return Forecast([(day, counts[day]) for day in span])
