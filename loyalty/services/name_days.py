"""Bring calendars of name days, choose among their days, put them aside."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from django.db import IntegrityError, transaction
from lv_namedays.nameday import read_namedays, read_namedays_ext
from pynameday.austria import Austria
from pynameday.czechrepublic import CzechRepublic
from pynameday.slovakia import Slovakia

from crm.services import audit
from loyalty.errors import CalendarExists
from loyalty.models import NameDay, NameDayCalendar
from loyalty.rules.name_days import Listed, of_days


@dataclass(frozen=True)
class Packaged:
    """A calendar that comes with the product."""

    name: str
    country: str
    language: str
    package: str
    days: Callable[[], Iterator[tuple[int, int, str]]]

    @property
    def source(self) -> str:
        """The package and its version."""
        return f"{self.package} {version(self.package)}"


def _latvian(read: Callable[[], dict[str, list[str]]]) -> Any:
    def days() -> Iterator[tuple[int, int, str]]:
        for day, names in read().items():
            month, number = day.split("-")
            yield int(month), int(number), ",".join(names)

    return days


def _by_month(months: Sequence[Sequence[str | None]]) -> Any:
    def days() -> Iterator[tuple[int, int, str]]:
        for month, names in enumerate(months, start=1):
            for day, text in enumerate(names, start=1):
                yield month, day, text or ""

    return days


# All under the MIT licence.
PACKAGED = {
    "latvia": Packaged("Latvija", "LV", "lv", "lv-namedays", _latvian(read_namedays)),
    "latvia-extended": Packaged(
        "Latvija, paplašinātais", "LV", "lv", "lv-namedays", _latvian(read_namedays_ext)
    ),
    "austria": Packaged(
        "Österreich", "AT", "", "pynameday", _by_month(Austria.NAMEDAYS)
    ),
    "czechia": Packaged(
        "Česko", "CZ", "cs", "pynameday", _by_month(CzechRepublic.NAMEDAYS)
    ),
    "slovakia": Packaged(
        "Slovensko", "SK", "sk", "pynameday", _by_month(Slovakia.NAMEDAYS)
    ),
}


def load_packaged(name: str, *, now: datetime) -> NameDayCalendar:
    """Take over a calendar that comes with the product. Raises CalendarExists, and
    KeyError for a name that is none."""
    packaged = PACKAGED[name]
    return add(
        of_days(packaged.days()),
        name=packaged.name,
        country=packaged.country,
        language=packaged.language,
        source=packaged.source,
        licence="MIT",
        is_orthodox=False,
        now=now,
    )


@transaction.atomic
def add(
    listed: Sequence[Listed],
    *,
    name: str,
    country: str,
    language: str,
    source: str,
    licence: str,
    is_orthodox: bool,
    now: datetime,
) -> NameDayCalendar:
    """A new calendar with its names, each once a day. Raises CalendarExists where one
    is called so."""
    calendar = _made(
        NameDayCalendar(
            name=name,
            country=country,
            language=language,
            source=source,
            licence=licence,
            is_orthodox=is_orthodox,
            created_at=now,
        )
    )
    rows = list(dict.fromkeys(listed))
    NameDay.objects.bulk_create(
        NameDay(
            calendar=calendar,
            name=one.name,
            month=one.month,
            day=one.day,
            from_easter=one.from_easter,
        )
        for one in rows
    )
    _choose_main(calendar, rows)
    _record("added", calendar, now)
    return calendar


@transaction.atomic
def choose(day: NameDay, *, now: datetime) -> None:
    """Greet people of that name on this day and on no other. What is planned for the
    old day is given up at the claim."""
    calendar = NameDayCalendar.objects.select_for_update().get(pk=day.calendar_id)
    calendar.days.filter(key=day.key, is_main=True).update(is_main=False)
    calendar.days.filter(pk=day.pk).update(is_main=True)
    _record("changed", calendar, now)


@transaction.atomic
def use(calendar: NameDayCalendar, *, is_used: bool, now: datetime) -> None:
    """Count it, or put it aside with its names."""
    locked = NameDayCalendar.objects.select_for_update().get(pk=calendar.pk)
    if locked.is_used != is_used:
        locked.is_used = is_used
        locked.save(update_fields=["is_used"])
        _record("used" if is_used else "unused", locked, now)


@transaction.atomic
def delete(calendar: NameDayCalendar, *, now: datetime) -> None:
    """The calendar with its names. Greetings that went stay in the ledger."""
    _record("deleted", calendar, now)
    calendar.delete()


def _made(calendar: NameDayCalendar) -> NameDayCalendar:
    try:
        with transaction.atomic():
            calendar.save(force_insert=True)
    except IntegrityError as error:
        raise CalendarExists(fields={"name": "already_exists"}) from error
    return calendar


def _choose_main(calendar: NameDayCalendar, listed: Sequence[Listed]) -> None:
    """By the key of the database: two spellings may be one name to it."""
    plain = {
        (one.name, one.month, one.day, one.from_easter): one.is_plain for one in listed
    }
    best: dict[str, NameDay] = {}
    for row in calendar.days.order_by("id"):
        first = best.setdefault(row.key, row)
        if _is_plain(row, plain) and not _is_plain(first, plain):
            best[row.key] = row
    calendar.days.filter(pk__in=[row.pk for row in best.values()]).update(is_main=True)


def _is_plain(row: NameDay, plain: dict[tuple[Any, ...], bool]) -> bool:
    return plain.get((row.name, row.month, row.day, row.from_easter), True)


def _record(action: str, calendar: NameDayCalendar, now: datetime) -> None:
    audit.record(f"name_days.{action}", f"name_days:{calendar.pk}", now=now)
