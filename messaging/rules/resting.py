"""On which days an automation may write, and when mail of the other days goes.

A mail is *due* on the day that its kind says, at the hour of the automation. Where that
day is not allowed it *goes* on the next one that is, at the same hour. Its life counts
from the moment at which it was due, so that it is never later than staff set: where
that hour comes too late, it stays at this moment, and the claim has it wait for the
allowed day to begin (send_decision.py), or lapse for this reason.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from crm.rules import dates, days_off
from crm.rules.days_off import NOWHERE
from messaging.rules.life import is_in_time
from web.rules.places import COUNTRIES

# 1 is Monday.
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
# The longest life of a mail; a day further away helps none.
_FURTHEST = timedelta(days=60)


@dataclass(frozen=True)
class AllowedDays:
    """`rests`: not on the days off and public holidays of the customer's country.

    Countries are those that days_off.country_of() returns.
    """

    weekdays: tuple[int, ...] = EVERY_DAY
    rests: bool = False

    @property
    def are_all_days(self) -> bool:
        """Whether mail may go on every day."""
        return not self.rests and set(self.weekdays) >= set(EVERY_DAY)

    def countries(self) -> list[str]:
        """Those whose days differ: every country there is, or `NOWHERE` for all."""
        return [NOWHERE, *sorted(COUNTRIES)] if self.rests else [NOWHERE]

    def allow(self, day: date, country: str) -> bool:
        """Whether mail may go on this day to somebody in this country."""
        if day.isoweekday() not in self.weekdays:
            return False
        return not (self.rests and days_off.is_day_off(day, country))

    def next_on(self, day: date, country: str) -> date | None:
        """That day, or the first allowed one after it; None: no mail lives so long."""
        days = (day + timedelta(days=more) for more in range(_FURTHEST.days + 1))
        return next((one for one in days if self.allow(one, country)), None)

    def goes_at(
        self, due_on: date, *, zone: ZoneInfo, country: str, hour: int, life_days: int
    ) -> datetime:
        """The moment at which a mail that is due on a day is planned to go; SQL:
        messaging/sql/resting.py."""
        due_at = dates.moment_at(due_on, hour, zone)
        next_on = self.next_on(due_on, country)
        if next_on is None:
            return due_at
        moment = dates.moment_at(next_on, hour, zone)
        expires_at = due_at + timedelta(days=life_days)
        return moment if is_in_time(moment, expires_at) else due_at


@dataclass(frozen=True)
class Moves:
    """Parallel lists: in that country, what is due on `days` goes on `goes_on`. Days
    that are allowed, or have no other in time, are left out."""

    countries: list[str]
    days: list[date]
    goes_on: list[date]

    @cached_property
    def as_json(self) -> str:
        """{"GB2026-12-25": "2026-12-28"}. Kept as long as the lists: of all countries
        and 60 days it takes 20 ms to write."""
        moved = zip(self.countries, self.days, self.goes_on, strict=True)
        return json.dumps({f"{country}{day}": str(on) for country, day, on in moved})


@lru_cache(maxsize=64)
def moves(allowed: AllowedDays, first_on: date, last_on: date, life_days: int) -> Moves:
    """What is due from first to last and goes on another day within its life."""
    found = Moves([], [], [])
    life = timedelta(days=life_days)
    furthest = (last_on - first_on + min(life, _FURTHEST)).days
    backwards = [first_on + timedelta(days=more) for more in range(furthest, -1, -1)]
    for country in allowed.countries():
        next_on = date.max
        for day in backwards:
            if allowed.allow(day, country):
                next_on = day
            elif day <= last_on and next_on - day <= life:
                found.countries.append(country)
                found.days.append(day)
                found.goes_on.append(next_on)
    return found


@dataclass(frozen=True)
class Shut:
    """Parallel lists for unnest: in that country, nothing goes on that day, and what
    is due on it goes on no other within its life."""

    countries: list[str]
    days: list[date]


@lru_cache(maxsize=64)
def shut(allowed: AllowedDays, first_on: date, last_on: date, life_days: int) -> Shut:
    """The days from first to last that are not allowed and not in `moves`."""
    found = Shut([], [])
    if allowed.are_all_days:
        return found
    moved = moves(allowed, first_on, last_on, life_days)
    known = set(zip(moved.countries, moved.days, strict=True))
    for country in allowed.countries():
        for more in range((last_on - first_on).days + 1):
            day = first_on + timedelta(days=more)
            if (country, day) not in known and not allowed.allow(day, country):
                found.countries.append(country)
                found.days.append(day)
    return found
