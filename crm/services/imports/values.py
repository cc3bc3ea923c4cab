"""Cells that need a reader of their own; each answer is remembered.

A file repeats itself: a thousand days, a hundred prices, one currency. What was read
once is not read again. A refusal is remembered too: it is a Refused with its code.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from babel import Locale

from crm.customer_facts import CustomerFact
from crm.rules import birthdays, dates, names
from web.errors import InvalidValue
from web.rules import money, places, text

# Enough for the repeats of a file, and bounded whatever the file holds.
REMEMBERED = 20_000
MOST_TAGS = 50

# Narrower than what Python reads: no week dates, no times without a colon.
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_COUNTRY_NAMES = {
    **{"uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "usa": "US"},
    **{"eire": "IE", "rsa": "ZA", "uae": "AE", "holland": "NL", "turkey": "TR"},
    **{"czech republic": "CZ", "hong kong": "HK", "macedonia": "MK", "burma": "MM"},
    **{"great britain": "GB", "united states of america": "US", "macau": "MO"},
}
_LANGUAGE_ALIASES = {
    **dict.fromkeys(("zh", "zh-cn", "zh-sg", "zh-hans-cn"), "zh-hans"),
    **dict.fromkeys(("zh-tw", "zh-hk", "zh-mo", "zh-hant-tw"), "zh-hant"),
    "iw": "he",
}


T = TypeVar("T")


class Refused(str):
    """The code of a refusal, standing where a value would."""

    __slots__ = ()

    def of(self, column: str) -> "Refused":
        """The same refusal, naming the column: missing -> customer_missing."""
        return Refused(f"{column}_{self.removeprefix('number_')}")


class Moment(NamedTuple):
    """A moment as COPY writes it, and its day in the shop's zone."""

    at: str
    day: str


def remembering(read: Callable[[str], T]) -> Callable[[str], T]:
    """`read`, asked once for each text."""
    known: dict[str, T] = {}

    def answer(raw: str) -> T:
        try:
            return known[raw]
        except KeyError:
            if len(known) >= REMEMBERED:
                known.clear()
            value = known[raw] = read(raw)
            return value

    return answer


def name_line(most: int) -> Callable[[str], str]:
    """Reads a column of names; entities of web pages are decoded."""
    read_line = one_line(most)
    return lambda raw: read_line(names.readable(raw) if "&" in raw else raw)


def line_of(fact: CustomerFact) -> Callable[[str], str]:
    """Reads the column of a fact, as the form does."""

    def read(raw: str) -> str:
        try:
            return fact.read(raw, field="value", most=fact.most)
        except InvalidValue as error:
            return Refused(error.fields["value"])

    return read


def one_line(most: int, *, required: bool = False) -> Callable[[str], str]:
    """Reads a text column; what is refused comes back as Refused."""

    def read(raw: str) -> str:
        try:
            value = text.one_line(raw, field="value", most=most)
        except InvalidValue as error:
            return Refused(error.fields["value"])
        return value if value or not required else Refused("missing")

    return read


def tags(raw: str) -> str:
    """The names between semicolons as a JSON list, empty for none."""
    if not raw.strip():
        return ""
    clean: Callable[[str], str] = one_line(60)
    found = dict.fromkeys(clean(part) for part in raw.split(";"))
    for tag in found:
        if isinstance(tag, Refused):
            return tag.of("tags")
    if len(found) > MOST_TAGS:
        return Refused("tags_too_many")
    wanted = sorted({tag.casefold(): tag for tag in found if tag}.values())
    return json.dumps(wanted, ensure_ascii=False) if wanted else ""


def moments(
    zone: ZoneInfo, shop_zone: ZoneInfo, now: datetime
) -> Callable[[str], Moment | Refused | None]:
    """Reads ISO 8601; what names no zone is in `zone`. None for an empty cell."""
    latest = now + dates.AHEAD

    def read(raw: str) -> Moment | Refused | None:
        raw = raw.strip()
        if not raw:
            return None
        if not _MOMENT.fullmatch(raw):
            return Refused("date_invalid")
        try:
            moment = datetime.fromisoformat(raw)
            is_naive = moment.tzinfo is None
            moment = moment.replace(tzinfo=zone) if is_naive else moment
            if moment > latest:
                return Refused("date_in_future")
            if moment.year < dates.EARLIEST.year:
                return Refused("date_too_early")
            # A bare date is meant as that day, wherever its midnight falls.
            if len(raw) == 10 or (is_naive and zone is shop_zone):
                return Moment(moment.isoformat(), raw[:10])
            return Moment(
                moment.isoformat(), f"{moment.astimezone(shop_zone):%Y-%m-%d}"
            )
        except (ValueError, OverflowError):
            return Refused("date_invalid")

    return read


def birthday(now: datetime) -> Callable[[str], birthdays.Parts | Refused]:
    def read(raw: str) -> birthdays.Parts | Refused:
        try:
            parts = birthdays.parse(raw)
        except InvalidValue:
            return Refused("birthday_invalid")
        if birthdays.is_after(parts, now.date()):
            return Refused("birthday_invalid")
        return parts

    return read


def number(
    *, digits: int, places: int, decimal_comma: bool
) -> Callable[[str], Decimal | Refused]:
    def read(raw: str) -> Decimal | Refused:
        if decimal_comma and "." not in raw:
            raw = raw.replace(",", ".")
        try:
            return money.parse_decimal(raw, field="n", digits=digits, places=places)
        except InvalidValue as error:
            return Refused(error.fields["n"])

    return read


def currency(default: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if not raw.strip():
            return default
        try:
            return money.valid_currency(raw)
        except InvalidValue as error:
            return Refused(error.fields["currency"])

    return read


def countries() -> Callable[[str], str | None]:
    """Reads ISO 3166 codes and English names; None for a name nobody knows."""
    territories = {
        str(code): str(name) for code, name in Locale("en").territories.items()
    }
    codes = places.COUNTRIES
    named = {
        territories[code].casefold(): code for code in sorted(codes)
    } | _COUNTRY_NAMES

    def read(raw: str) -> str | None:
        name = " ".join(raw.split())
        if not name:
            return ""
        if name.upper() in codes:
            return name.upper()
        return named.get(name.casefold())

    return read


def languages(supported: frozenset[str]) -> Callable[[str], str | None]:
    """Reads language tags; None for one that no page of ours speaks."""

    def read(raw: str) -> str | None:
        tag = raw.strip().lower().replace("_", "-")
        tag = _LANGUAGE_ALIASES.get(tag, tag)
        if not tag or tag in supported:
            return tag
        short = tag.partition("-")[0]
        return short if short in supported else None

    return read
