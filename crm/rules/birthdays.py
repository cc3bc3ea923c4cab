"""A birthday is a month and a day; the year is optional."""

import re
from calendar import monthrange
from datetime import date

from web.errors import InvalidValue

_FORM = re.compile(r"(?:(?P<year>\d{4})-)?(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII)
# A leap year, so that 29 February is a birthday like any other.
_ANY_LEAP_YEAR = 2000

Parts = tuple[int | None, int | None, int | None]


def parse(value: str) -> Parts:
    """(year or None, month, day) of `YYYY-MM-DD` or `MM-DD`; all None for no text."""
    value = value.strip()
    if not value:
        return (None, None, None)
    found = _FORM.fullmatch(value)
    if found is None:
        raise InvalidValue(fields={"birthday": "not_a_birthday"})
    year = int(found["year"]) if found["year"] else None
    month, day = int(found["month"]), int(found["day"])
    if not _exists(year, month, day):
        raise InvalidValue(fields={"birthday": "not_a_birthday"})
    return (year, month, day)


def is_after(parts: Parts, day: date) -> bool:
    """Whether it lies after today; a birthday without a year never does."""
    year, month, day_of_month = parts
    if not (year and month and day_of_month):
        return False
    return date(year, month, day_of_month) > day


def _exists(year: int | None, month: int, day: int) -> bool:
    if year is not None and not 1900 <= year <= 2100:
        return False
    if not 1 <= month <= 12:
        return False
    return 1 <= day <= monthrange(year or _ANY_LEAP_YEAR, month)[1]
