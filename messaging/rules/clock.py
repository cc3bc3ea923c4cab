"""When a local day's hour is, for every zone there is: small tables to join with.

PostgreSQL takes the second of an hour that comes twice; we promise the first. So the
moments are worked out here and joined in. Zones that agree on every day asked for are
one class, which keeps the table at a few hundred rows.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from crm.rules import dates


@dataclass(frozen=True)
class Clock:
    """Parallel lists for unnest: zone to class, then (class, day) to moment."""

    zones: list[str]
    zone_classes: list[int]
    # The class of the shop's own zone, for customers without one of their own.
    fallback_class: int
    classes: list[int]
    days: list[date]
    moments: list[datetime]


@lru_cache(maxsize=32)
def sending_clock(first_on: date, last_on: date, hour: int, fallback: str) -> Clock:
    """The sending hour of every day from first to last, in every zone."""
    days = [
        first_on + timedelta(days=ahead)
        for ahead in range((last_on - first_on).days + 1)
    ]
    names = dates.zone_names()
    columns = zip(*(_moments(day, hour) for day in days), strict=True)
    numbers: dict[tuple[datetime, ...], int] = {}
    zone_classes = [numbers.setdefault(column, len(numbers)) for column in columns]
    own = dates.zone_of(fallback, "UTC").key
    return Clock(
        zones=list(names),
        zone_classes=zone_classes,
        fallback_class=zone_classes[names.index(own)],
        classes=[number for number in numbers.values() for _ in days],
        days=days * len(numbers),
        moments=[moment for column in numbers for moment in column],
    )


@lru_cache(maxsize=512)
def _moments(day: date, hour: int) -> tuple[datetime, ...]:
    """One moment per zone, in the order of zone_names()."""
    same: dict[datetime, datetime] = {}
    found = (
        dates.moment_at(day, hour, dates.zone_of(name, "UTC"))
        for name in dates.zone_names()
    )
    return tuple(same.setdefault(moment, moment) for moment in found)
