"""Numbers, money, days and clocks as the page's language writes them.

`now` and the zone come from the caller; without them the clock and the active zone do.
"""

from collections.abc import Sequence
from copy import copy
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, dates, lists, numbers
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import (
    get_language,
    gettext,
    ngettext,
)

from web.rules.money import MOST_PLACES, places_of

LOCALES = {"en": "en_GB", "zh-hans": "zh_Hans_CN", "zh-hant": "zh_Hant_TW", "he": "he"}
BCP47 = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}
OWN_LANGUAGES = {
    "en": "English",
    "zh-hans": "简体中文",
    "zh-hant": "繁體中文",
    "he": "עברית",
}


def _locale() -> Locale:
    return _parsed(_locale_name())


def _locale_name() -> str:
    return LOCALES.get(get_language() or "en", "en_GB")


@lru_cache(maxsize=len(LOCALES))
def _parsed(name: str) -> Locale:
    return Locale.parse(name)


# --- Languages -----------------------------------------------------------------------


def bcp47(language: str) -> str:
    """zh-Hant, as the lang attribute wants it."""
    return BCP47.get(language.lower(), language)


def own_language(code: str) -> str:
    """A language as those who read it call it."""
    return OWN_LANGUAGES.get(code, code)


def country(code: str) -> str:
    """A country in the active language; its code where it has no name."""
    return str(_locale().territories.get(code, code))


# --- Numbers and money ---------------------------------------------------------------


def number(value: Decimal | int | float) -> str:
    """1,240: grouped as the language groups."""
    return _grouped(value, _locale_name())


# The calendar of contacts has some hundreds of them, and most are one of a few.
@lru_cache(maxsize=4096)
def _grouped(value: Decimal | int | float, name: str) -> str:
    return str(numbers.format_decimal(value, locale=_parsed(name)))


def exact_number(value: Decimal) -> str:
    """1,240.5: with every decimal place that it has."""
    locale = _locale()
    return str(numbers.format_decimal(value, locale=locale, decimal_quantization=False))


def signed(value: int) -> str:
    """+38, \N{MINUS SIGN}9 with a true minus, and 0 without a sign."""
    if not value:
        return "0"
    return left_to_right(f"{value:+d}".replace("-", "\N{MINUS SIGN}"))


def percent(value: int) -> str:
    """41 %, with a space that does not break."""
    return left_to_right(f"{value}\N{NO-BREAK SPACE}%")


def left_to_right(text: str) -> str:
    """Keep signs on their side of a number, also where a page reads right to left.

    Without the isolate a Hebrew page shows +40 as 40+.
    """
    if not _is_bidi(get_language() or ""):
        return text
    return f"\N{LEFT-TO-RIGHT ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


@cache
def _is_bidi(language: str) -> bool:
    # As `get_language_bidi` has it, of which a page of figures asks some 250 times.
    return language.split("-")[0] in settings.LANGUAGES_BIDI


def money(amount: Decimal | int | None, currency: str) -> str:
    """£9,184.50; nothing at all for nothing known.

    With the places that we round to: those of the Unicode tables are of cash, where a
    dinar may have none.
    """
    if amount is None:
        return ""
    pattern = _pattern_of_money(_locale(), places_of(currency))
    shown = pattern.apply(amount, _locale(), currency=currency, currency_digits=False)
    return str(shown)


@lru_cache(maxsize=len(LOCALES) * (MOST_PLACES + 1))
def _pattern_of_money(locale: Locale, places: int) -> numbers.NumberPattern:
    pattern: numbers.NumberPattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return pattern


# --- Days and clocks -----------------------------------------------------------------


def local_day(value: date | datetime) -> date:
    """The day, in the active zone where it is a moment."""
    if not isinstance(value, datetime):
        return value
    return (timezone.localtime(value) if timezone.is_aware(value) else value).date()


def _short(value: date, *, with_year: bool) -> str:
    return _written(value, "yMMMd" if with_year else "MMMd", _locale_name())


def _long(value: date, *, with_year: bool) -> str:
    return _written(value, "long" if with_year else "MMMMd", _locale_name())


@lru_cache(maxsize=4096)
def _written(value: date, form: str, locale: str) -> str:
    """Babel reads its tables again each time; a page or a run of mails has few days."""
    if form == "long":
        return str(dates.format_date(value, form, locale=locale))
    return str(dates.format_skeleton(form, value, locale=locale))


def day(value: date | datetime | None, now: date | datetime | None = None) -> str:
    """9 Nov, or 9 Nov 2024 when that is not this year."""
    if not value:
        return ""
    on, today = local_day(value), local_day(now or timezone.now())
    return _short(on, with_year=on.year != today.year)


def full_day(value: date | datetime) -> str:
    """12 May 2020: for mails, which are read at any time."""
    return _long(local_day(value), with_year=True)


def month(value: date) -> str:
    """November 2026."""
    return _written(value, "yMMMM", _locale_name())


def short_month(value: date) -> str:
    """Nov 2026, as Django's formats of the language write it."""
    return _month_as_told(value, get_language())


@lru_cache(maxsize=1024)
def _month_as_told(value: date, language: str | None) -> str:
    """Tables and axes of a page tell the same few months again and again."""
    return date_format(value, "M Y")


def listed(texts: Sequence[str]) -> str:
    """Tea, coffee and cocoa."""
    return str(lists.format_list(texts, locale=_locale()))


def clock(value: datetime | None, zone: str = "") -> str:
    """14:32, in that zone or else in the reader's."""
    if not value:
        return ""
    return f"{in_zone(value, zone):%H:%M}"


def in_zone(value: datetime, zone: str) -> datetime:
    """The moment in this zone; in the active one where `zone` is empty."""
    return value.astimezone(ZoneInfo(zone)) if zone else timezone.localtime(value)


def day_heading(value: date | datetime, now: date | datetime) -> str:
    """The heading of a day in a timeline: Today, 21 November."""
    on, today = local_day(value), local_day(now)
    text = _long(on, with_year=on.year != today.year)
    if on == today:
        return gettext("Today, %(day)s") % {"day": text}
    if on == today - timedelta(days=1):
        return gettext("Yesterday, %(day)s") % {"day": text}
    weekday = dates.format_date(on, "EEEE", locale=_locale())
    return gettext("%(weekday)s, %(day)s") % {"weekday": weekday, "day": text}


def distance_in_words(days: int) -> str:
    """Days until eight weeks, weeks until half a year, then months and years."""
    if days == 0:
        return gettext("today")
    if abs(days) == 1:
        return gettext("tomorrow") if days > 0 else gettext("yesterday")
    span = _span(abs(days))
    if days > 0:
        return gettext("in %(span)s") % {"span": span}
    return gettext("%(span)s ago") % {"span": span}


def distance_and_day(on: date, today: date) -> str:
    """12 days ago, 9 Nov."""
    return _distance_and_day(on, today, get_language())


@lru_cache(maxsize=1024)
def _distance_and_day(on: date, today: date, language: str | None) -> str:
    """A list has few days, and asks for each of its rows."""
    return f"{distance_in_words((on - today).days)}, {day(on, today)}"


def _span(days: int) -> str:
    if days < 60:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if days < 182:
        weeks = days // 7
        return ngettext("%(n)s week", "%(n)s weeks", weeks) % {"n": weeks}
    if days < 730:
        months = days * 12 // 365
        return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    years = days * 4 // 1461
    return ngettext("%(n)s year", "%(n)s years", years) % {"n": years}
