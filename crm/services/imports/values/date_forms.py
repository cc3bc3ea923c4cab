"""What is written in the cell of a date: its parts, whatever their order and words.

`05/03/2026` can be two days. It is one only where the order was chosen, or where the
other reading is no day of the calendar: 13/05/2026 is 13 May everywhere.
"""

import re
import unicodedata
from datetime import date, time, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crm.rules import dates
from crm.services.imports.values.cells import Refused, plain
from crm.services.imports.values.date_words import (
    BESIDE,
    EVENING,
    MONTHS,
    MORNING,
    bare,
)

# The parts of a date in the order that was chosen.
ORDERS = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year first"}
# Two digits of a year from here on are of the last century.
LAST_CENTURY = 50
NO_YEARS = (0, 1604)  # what some programs write for an unknown year
ANY_YEAR = 2000  # a leap year: 29 February is a birthday like any other

_CLOCK = re.compile(
    r"(?P<before>[^\W\d_]+)?\s?(?P<hour>[0-9]{1,2})[:时時點点](?P<minute>[0-9]{2})"
    r"(?:[:分](?P<second>[0-9]{2})秒?(?:[.,](?P<part>[0-9]{1,9}))?|分)?"
    r"(?:\s?(?P<after>[AaPp]\.?[Mm]\b\.?|[^\x00-\x7f]\S*))?"
)
_ZONE = re.compile(
    r"(?:(?P<name>UTC|GMT|UT|Z|[ECMP][SD]T)?\s?(?P<offset>[+-][0-9]{2}(?::?[0-9]{2})?)?)"
    r"\s?(?:\([^)]*\)|\[(?P<place>[^\]]*)\])?",
    re.IGNORECASE,
)
_NAMED_OFFSETS = {  # those of RFC 2822; others mean several zones
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5},
    **{"MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
}
_NUMERIC = re.compile(r"([0-9]{1,4})([-/.])([0-9]{1,2})\2([0-9]{1,4})\.?")
_YEARLESS = re.compile(r"(?:--)?([0-9]{1,2})([-/.])([0-9]{1,2})\.?")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_MONTH_WORDS = "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True))
_TOKEN = re.compile(rf"[0-9]{{1,2}}月|{_MONTH_WORDS}|[0-9]+|[^\W\d_]+")


class Day(NamedTuple):
    """A day as it is written. `year` None: not told; `is_short`: two digits of it."""

    year: int | None
    month: int
    day: int
    is_short: bool = False


class Clock(NamedTuple):
    """The time of day in a cell, with its zone where it has one."""

    at: time
    zone: tzinfo | None


def split_clock(raw: str) -> tuple[str, Clock | None] | None:
    """The text of the day and the time after it; None where the time is none."""
    text = _ascii_digits(plain(raw))
    found = _CLOCK.search(text)
    if found is None:
        return text, None
    clock = _clock(found, text[found.end() :])
    if clock is None:
        return None
    head = text[: found.start()].rstrip(" ,")
    before = (found["before"] or "").lstrip("日号號")
    if before and before != "T" and bare(before) not in MORNING | EVENING | {"中午"}:
        head = f"{head} {before}"
    return head, clock


def read_day(text: str, order: str = "") -> Day | Refused:
    """The day in a text without a time; see ORDERS for `order`."""
    if found := _NUMERIC.fullmatch(text):
        return _numeric(found, order, text)
    if found := _COMPACT.fullmatch(text):
        year, month, day = map(int, found.groups())
        return _real(Day(year, month, day), text)
    if found := _YEARLESS.fullmatch(text):
        return _yearless(found, order, text)
    if text.isdigit() or re.fullmatch(r"[0-9]+\.[0-9]+", text):
        return Refused("date_is_number", text)
    return _in_words(text)


def full_year(day: Day) -> Day:
    """00 to 49 are of this century, 50 to 99 of the last."""
    if not day.is_short or day.year is None:
        return day
    century = 1900 if day.year >= LAST_CENTURY else 2000
    return Day(century + day.year, day.month, day.day)


def possible_days(raw: str) -> dict[str, date]:
    """Order -> the day that the digits of a cell are in it; empty without digits that
    need one. A day without a year is one of ANY_YEAR."""
    split = split_clock(raw)
    if split and (yearless := _YEARLESS.fullmatch(split[0])):
        return {} if _is_ours(yearless) else _days_of_any_year(yearless)
    found = _NUMERIC.fullmatch(split[0]) if split else None
    if found is None or len(found[1]) == 4:
        return {}
    days = {}
    for order in ORDERS:
        day = _in_order(found, order)
        if day is not None and _exists(full_year(day)):
            whole = full_year(day)
            days[order] = date(whole.year or 0, whole.month, whole.day)
    return days


def has_year(raw: str) -> bool:
    """Whether the digits of a cell are more than a day and a month."""
    split = split_clock(raw)
    return not (split and _YEARLESS.fullmatch(split[0]))


def _is_ours(found: "re.Match[str]") -> bool:
    """05-12, as our own files write the month and the day."""
    return found[2] == "-" and len(found[1]) == len(found[3]) == 2


def _days_of_any_year(found: "re.Match[str]") -> dict[str, date]:
    first, second = int(found[1]), int(found[3])
    read = {"dmy": Day(None, second, first), "mdy": Day(None, first, second)}
    return {
        order: date(ANY_YEAR, day.month, day.day)
        for order, day in read.items()
        if _exists(day)
    }


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(one, one)) if one.isdecimal() else one for one in text
    )


def _clock(found: "re.Match[str]", rest: str) -> Clock | None:
    zone = _ZONE.fullmatch(rest.strip())
    if zone is None:
        return None
    before = (found["before"] or "").lstrip("日号號")
    hour = _hour(int(found["hour"]), before, found["after"] or "")
    second, part = int(found["second"] or 0), (found["part"] or "").ljust(6, "0")[:6]
    try:
        return Clock(
            time(hour, int(found["minute"]), second, int(part or 0)), _zone(zone)
        )
    except ValueError:
        return None


def _hour(hour: int, before: str, after: str) -> int:
    """Of 24; -1 (no hour) where a half of the day is named that it cannot be in."""
    words = {bare(before), bare(after).replace(" ", "")}
    if "中午" in words:
        return hour if hour >= 11 else hour + 12
    is_morning, is_evening = bool(words & MORNING), bool(words & EVENING)
    if not (is_morning or is_evening):
        return -1 if after else hour
    if is_evening and not before.isascii() and hour >= 12:
        return -1 if hour == 12 and before in ("晚上", "傍晚") else hour
    if not 1 <= hour <= 12:
        return hour if hour == 0 and is_morning else -1
    return hour % 12 + (12 if is_evening else 0)


def _zone(found: "re.Match[str]") -> tzinfo | None:
    name, offset = (found["name"] or "").upper(), found["offset"]
    if offset:
        if name in _NAMED_OFFSETS:
            raise ValueError(offset)
        digits = offset[1:].replace(":", "").ljust(4, "0")
        ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return timezone(-ahead if offset[0] == "-" else ahead)
    if name:
        return timezone(timedelta(hours=_NAMED_OFFSETS.get(name, 0)))
    if found["place"] is None:
        return None
    if not dates.is_zone(found["place"]):
        raise ValueError(found["place"])
    return ZoneInfo(found["place"])


def _numeric(found: "re.Match[str]", order: str, text: str) -> Day | Refused:
    first, last = found[1], found[4]
    if len(first) == 4:
        day = _in_order(found, "ymd")
        return _real(day, text) if day else Refused("date_invalid", text)
    if order and not (order == "ymd" and len(last) == 4):
        day = _in_order(found, order)
        return _real(day, text) if day else Refused("date_invalid", text)
    if len(last) != 4:
        return Refused("date_short_year", text)
    days = {
        day for day in (_in_order(found, "dmy"), _in_order(found, "mdy"))
        if day is not None and _exists(day)
    }  # fmt: skip
    if len(days) > 1:
        return Refused("date_ambiguous", text)
    return days.pop() if days else Refused("date_invalid", text)


def _in_order(found: "re.Match[str]", order: str) -> Day | None:
    """The three numbers in this order; None where the year cannot stand there."""
    parts = dict(zip(order, (found[1], found[3], found[4]), strict=True))
    year = parts["y"]
    if len(year) not in (2, 4) or len(parts["d"]) > 2 or len(parts["m"]) > 2:
        return None
    return Day(int(year), int(parts["m"]), int(parts["d"]), is_short=len(year) == 2)


def _yearless(found: "re.Match[str]", order: str, text: str) -> Day | Refused:
    """05-12 is May where no order was chosen, as our own files write it."""
    first, second = int(found[1]), int(found[3])
    as_day_first, as_month_first = Day(None, second, first), Day(None, first, second)
    if order == "dmy":
        return _real(as_day_first, text)
    if order or _is_ours(found):
        return as_month_first if _exists(as_month_first) else _real(as_day_first, text)
    days = {day for day in (as_day_first, as_month_first) if _exists(day)}
    if len(days) > 1:
        return Refused("date_ambiguous", text)
    return days.pop() if days else Refused("date_invalid", text)


def _in_words(text: str) -> Day | Refused:
    """3 May 2026, May 3rd, 2026年5月3日, 3 במאי 2026."""
    tokens = _TOKEN.findall(bare(text).replace("_", " "))
    months = [at for at, one in enumerate(tokens) if one in MONTHS or one[-1] == "月"]
    numbers = [at for at, one in enumerate(tokens) if one.isdigit()]
    strange = set(tokens) - MONTHS.keys() - BESIDE
    if any(not one.rstrip("月").isdigit() for one in strange) or len(months) != 1:
        return Refused("date_invalid", text)
    word = tokens[months[0]]
    month = MONTHS.get(word) or int(word.rstrip("月"))
    written = [tokens[at] for at in numbers]
    if len(written) == 1 and len(written[0]) <= 2:
        return _real(Day(None, month, int(written[0])), text)
    if len(written) != 2:
        return Refused("date_invalid", text)
    day, year = written if len(written[0]) <= 2 else (written[1], written[0])
    if len(day) > 2 or len(year) not in (2, 4):
        return Refused("date_invalid", text)
    return _real(Day(int(year), month, int(day), is_short=len(year) == 2), text)


def _real(day: Day, text: str) -> Day | Refused:
    return day if _exists(full_year(day)) else Refused("date_invalid", text)


def _exists(day: Day) -> bool:
    year = day.year
    if year is None or year in NO_YEARS:
        year = ANY_YEAR
    try:
        date(year, day.month, day.day)
    except ValueError:
        return False
    return True
