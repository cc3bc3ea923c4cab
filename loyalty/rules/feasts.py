"""On which day of a year a feast falls.

Dates of Easter are computed (`dateutil`); those of the Chinese and the Hebrew calendar
are the tables of the `holidays` package: docs/decisions/0014-occasions.md.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import StrEnum

from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter
from holidays.calendars.chinese import _ChineseLunisolar
from holidays.calendars.hebrew import _HebrewLunisolar

_CHINESE, _HEBREW = _ChineseLunisolar(), _HebrewLunisolar()
_ONE_DAY = timedelta(days=1)


class Feast(StrEnum):
    """A feast that a shop may send good wishes for."""

    NEW_YEAR = "new_year"
    LUNAR_NEW_YEAR = "lunar_new_year"
    EASTER = "easter"
    ORTHODOX_EASTER = "orthodox_easter"
    PASSOVER = "passover"
    ROSH_HASHANAH = "rosh_hashanah"
    MID_AUTUMN = "mid_autumn"


def feast_day(feast: Feast, year: int) -> date | None:
    """The day in that year of our calendar; None where the tables do not reach.

    Of Rosh Hashanah and Pesach it is the eve: they begin in the evening, and whoever
    keeps them reads no mail on the day itself.
    """
    return _DAYS[feast](year)


def feast_days(feast: Feast, first_on: date, last_on: date) -> Iterator[date]:
    """Each day of the feast from the one day to the other."""
    for year in range(first_on.year, last_on.year + 1):
        day = feast_day(feast, year)
        if day is not None and first_on <= day <= last_on:
            yield day


def orthodox_easter(year: int) -> date:
    """The Sunday of the Julian reckoning, as a day of our calendar."""
    found: date = easter(year, EASTER_ORTHODOX)
    return found


def _eve(day: date | None) -> date | None:
    return day and day - _ONE_DAY


_DAYS: dict[Feast, Callable[[int], date | None]] = {
    Feast.NEW_YEAR: lambda year: date(year, 1, 1),
    Feast.LUNAR_NEW_YEAR: lambda year: _CHINESE.lunar_new_year_date(year)[0],
    Feast.EASTER: lambda year: easter(year, EASTER_WESTERN),
    Feast.ORTHODOX_EASTER: orthodox_easter,
    Feast.PASSOVER: lambda year: _eve(_HEBREW.passover_date(year)),
    Feast.ROSH_HASHANAH: lambda year: _eve(_HEBREW.rosh_hashanah_date(year)),
    Feast.MID_AUTUMN: lambda year: _CHINESE.mid_autumn_date(year)[0],
}
