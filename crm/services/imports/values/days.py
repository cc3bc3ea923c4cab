"""Readers of moments, days and birthdays; see date_forms.py for what may be written."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crm.rules import birthdays, dates
from crm.services.imports.values import date_forms
from crm.services.imports.values.cells import Refused, plain
from crm.services.imports.values.date_forms import Day
from crm.services.imports.values.date_orders import DateCounts

# Narrower than what Python reads: no week dates, no times without a colon.
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_SERIAL = re.compile(r"[0-9]{1,6}(?:[.,][0-9]+)?")
# The day 0 of spreadsheets, which hold 1900 for a leap year: right from 1 March 1900.
_SERIAL_START = datetime.fromisoformat("1899-12-30")
_FIRST_SERIAL = 61


class Moment(NamedTuple):
    """A moment as COPY writes it, and its day in the shop's zone."""

    at: str
    day: str


def moments(
    zone: ZoneInfo,
    shop_zone: ZoneInfo,
    now: datetime,
    *,
    order: str = "",
    has_serials: bool = False,
    counts: DateCounts | None = None,
) -> Callable[[str], Moment | Refused | None]:
    """Reads a date with or without a time. None for an empty cell.

    What names no zone is in `zone`. `order` is that of `05/03/2026` (see
    date_forms.ORDERS); with `has_serials` plain numbers are the days of spreadsheets.
    `counts` gathers what the cells tell about their order.
    """
    latest = now + dates.AHEAD

    def read(raw: str) -> Moment | Refused | None:
        # As programs write it, and hardly ever twice: nothing to clean.
        text = raw if _ISO.fullmatch(raw) else plain(raw)
        if not text:
            return None
        try:
            found = _moment(text, order, has_serials=has_serials)
            if isinstance(found, Refused):
                return Refused(found, raw)
            moment, is_bare = found
            # A year that stands first needs no order.
            if counts is not None and not text[:4].isdigit():
                counts.add(text)
            written_on = moment.date().isoformat()
            is_naive = moment.tzinfo is None
            moment = moment.replace(tzinfo=zone) if is_naive else moment
            if moment > latest:
                return Refused("date_in_future", raw)
            if moment.year < dates.EARLIEST.year:
                return Refused("date_too_early", raw)
            # A bare date is meant as that day, whatever its midnight is in other zones.
            if is_bare or (is_naive and zone is shop_zone):
                return Moment(moment.isoformat(), written_on)
            return Moment(
                moment.isoformat(), f"{moment.astimezone(shop_zone):%Y-%m-%d}"
            )
        except (ValueError, OverflowError):
            return Refused("date_invalid", raw)

    return read


def day_of(raw: str, *, order: str, has_serials: bool) -> date | Refused:
    """Reads a day of any year, past or to come; a clock or a zone beside it does not
    move it."""
    try:
        found = _moment(plain(raw), order, has_serials=has_serials)
    except (ValueError, OverflowError):
        return Refused("date_invalid", raw)
    return Refused(found, raw) if isinstance(found, Refused) else found[0].date()


def birthday(
    now: datetime, *, order: str = ""
) -> Callable[[str], birthdays.Parts | Refused]:
    """Reads (year or None, month, day); all None for an empty cell."""
    today = now.date()

    def read(raw: str) -> birthdays.Parts | Refused:
        text = plain(raw)
        if not text:
            return (None, None, None)
        split = date_forms.split_clock(text)
        found = date_forms.read_day(split[0], order) if split else None
        if found is None or isinstance(found, Refused):
            code = found.replace("date", "birthday", 1) if found else "birthday_invalid"
            return Refused(code, raw)
        year = _year_of_birth(found, today)
        if isinstance(year, Refused):
            return Refused(year, raw)
        if birthdays.is_after((year, found.month, found.day), today):
            return Refused("birthday_invalid", raw)
        return (year, found.month, found.day)

    return read


def _moment(
    text: str, order: str, *, has_serials: bool
) -> tuple[datetime, bool] | Refused:
    """The moment, and whether it is a day without a time."""
    if _ISO.fullmatch(text):
        return datetime.fromisoformat(text), len(text) == 10
    if has_serials and _SERIAL.fullmatch(text):
        return _of_serial(text)
    split = date_forms.split_clock(text)
    if split is None:
        return Refused("date_invalid")
    words, clock = split
    day = date_forms.read_day(words, order)
    if isinstance(day, Refused):
        return day
    day = date_forms.full_year(day)
    if day.year is None:
        return Refused("date_invalid")
    whole = date(day.year, day.month, day.day)
    if clock is None:
        return datetime.combine(whole, time()), True
    return datetime.combine(whole, clock.at, clock.zone), False


def _of_serial(text: str) -> tuple[datetime, bool] | Refused:
    days = float(text.replace(",", "."))
    if days < _FIRST_SERIAL:
        return Refused("date_too_early")
    moment = _SERIAL_START + timedelta(seconds=round(days * 86_400))
    return moment, days.is_integer()


def _year_of_birth(day: Day, today: date) -> int | Refused | None:
    """Two digits are a year only where the other century lies ahead of us."""
    year = day.year
    if year is None or year in date_forms.NO_YEARS:
        return None
    if not day.is_short:
        return year if year >= dates.EARLIEST.year else Refused("birthday_invalid")
    past = [
        one
        for one in (1900 + year, 2000 + year)
        if not birthdays.is_after((one, day.month, day.day), today)
    ]
    return past[0] if len(past) == 1 else Refused("birthday_short_year")
