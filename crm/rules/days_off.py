"""Days off and public holidays of countries, by the package `holidays`.

A day off is one on which most people there do not work: the weekend of the country
(Friday and Saturday in Israel) and its public holidays, but not a weekend day that was
made a working day. Holidays of a region only are not known. A country that the package
does not know has the weekend that CLDR gives it and no holidays; where no country is
known that is Saturday and Sunday.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays
from babel import Locale
from babel.core import UnknownLocaleError
from holidays import HolidayBase

from web.rules.places import COUNTRIES

# Where neither the customer nor the shop has a country.
NOWHERE = ""
_WORLD_WEEKEND = frozenset({5, 6})
_LANGUAGES = {"en": "en_US", "zh-hans": "zh_CN", "zh-hant": "zh_TW"}


@dataclass(frozen=True)
class PublicHoliday:
    """`names`: several may fall on one day."""

    on: date
    country: str
    names: tuple[str, ...]


def country_of(own: str, shop: str) -> str:
    """The customer's country, else the shop's, else `NOWHERE`; unknown codes count as
    none."""
    return next((code for code in (own, shop) if code in COUNTRIES), NOWHERE)


# Sweeps ask for the same weeks of every country again and again.
@lru_cache(maxsize=1 << 15)
def is_day_off(day: date, country: str) -> bool:
    """Whether people in this country (ISO 3166, or `NOWHERE`) have that day off."""
    calendar = _calendar(country, day.year)
    if calendar is None:
        return day.weekday() in _weekend(country)
    return not calendar.is_working_day(day)


def public_holidays(
    first_on: date, last_on: date, countries: Iterable[str], *, language: str = ""
) -> list[PublicHoliday]:
    """The public holidays from first to last, by day and country, weekends left out.

    Their names are in `language` (one of ours) where the country's calendar has it,
    else, as without one, in the language of the country.
    """
    years = range(first_on.year, last_on.year + 1)
    found = [
        PublicHoliday(on, country, tuple(calendar.get_list(on)))
        for country in sorted(set(countries))
        for year in years
        if (calendar := _calendar(country, year, language)) is not None
        for on in calendar
        if first_on <= on <= last_on
    ]
    return sorted(found, key=lambda one: (one.on, one.country))


# For every country of this year and the next ones about 6 MB a year.
@lru_cache(maxsize=1024)
def _calendar(country: str, year: int, language: str = "") -> HolidayBase | None:
    if country not in _known():
        return None
    own = holidays.country_holidays(country).default_language
    wanted = _LANGUAGES.get(language, language)
    return holidays.country_holidays(
        country,
        years=year,
        # Asked for another year, it would grow under the feet of another thread.
        expand=False,
        # Without one it takes what the environment of the process says.
        language=wanted if wanted in _known()[country] else own,
    )


@lru_cache(maxsize=1)
def _known() -> dict[str, list[str]]:
    """The languages of each country's calendar; many have only one."""
    languages = holidays.list_localized_countries()
    codes = holidays.list_supported_countries(include_aliases=False)
    return {code: languages.get(code, []) for code in codes}


@lru_cache(maxsize=512)
def _weekend(country: str) -> frozenset[int]:
    try:
        locale = Locale.parse(f"und_{country}")
    except (UnknownLocaleError, ValueError):
        return _WORLD_WEEKEND
    return frozenset({locale.weekend_start, locale.weekend_end})
