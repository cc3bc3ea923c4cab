"""Countries, languages and currencies by their codes and by their names."""

from collections.abc import Callable
from functools import cache

from babel import Locale
from babel.core import get_global

from crm.services.imports.values.cells import Refused, folded, plain
from web.errors import InvalidValue
from web.rules import money, places

_LOCALES = ("he", "zh_Hant", "zh_Hans", "en")
# Read only where a name is in none of those: their words take 12 MB.
_MORE_LOCALES = (
    *("de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sv", "da", "nb", "fi"),
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


def currency() -> Callable[[str], str]:
    """Reads ISO 4217 codes; empty for an empty cell."""

    def read(raw: str) -> str:
        code = plain(raw)
        if not code:
            return ""
        try:
            return money.valid_currency(code)
        except InvalidValue as error:
            return Refused(error.fields["currency"], raw)

    return read


def countries() -> Callable[[str], str | None]:
    """Reads ISO 3166 codes, and names in the languages of our pages and in those of
    many shops in Europe; None for an unknown name."""
    codes = places.COUNTRIES
    named = _country_names(codes)

    def read(raw: str) -> str | None:
        name = " ".join(plain(raw).split())
        if not name:
            return ""
        if name.upper() in codes:
            return name.upper()
        known = name.casefold()
        return named.get(known) or _more_country_names().get(known)

    return read


def languages(supported: frozenset[str]) -> Callable[[str], str | None]:
    """Reads language tags and names; None for one that none of our pages is in."""
    named = _language_names(supported)

    def read(raw: str) -> str | None:
        tag = folded(raw).replace("_", "-")
        tag = _LANGUAGE_ALIASES.get(tag, tag)
        if not tag or tag in supported:
            return tag
        short = tag.partition("-")[0]
        return short if short in supported else named.get(tag)

    return read


def _country_names(codes: frozenset[str]) -> dict[str, str]:
    """Also codes of three letters: ISR, USA."""
    named = {
        alias.casefold(): aims[0]
        for alias, aims in get_global("territory_aliases").items()
        if len(alias) == 3 and alias.isalpha() and aims[0] in codes
    }
    for locale in _LOCALES:
        named |= _names_in(locale, codes)
    return named | _COUNTRY_NAMES


@cache
def _more_country_names() -> dict[str, str]:
    """Without what is one country in one language and another in the next."""
    named: dict[str, str] = {}
    unclear = set()
    for locale in _MORE_LOCALES:
        for name, code in _names_in(locale, places.COUNTRIES).items():
            if named.setdefault(name, code) != code:
                unclear.add(name)
    return {name: code for name, code in named.items() if name not in unclear}


def _names_in(locale: str, codes: frozenset[str]) -> dict[str, str]:
    territories = Locale.parse(locale).territories
    return {
        str(territories[code]).casefold(): code
        for code in sorted(codes)
        if code in territories
    }


def _language_names(supported: frozenset[str]) -> dict[str, str]:
    """In each language of our pages: Hebrew, עברית, 希伯来语."""
    named = {}
    for locale in _LOCALES:
        languages = Locale.parse(locale).languages
        for code in sorted(supported):
            tag = code.replace("-hans", "_Hans").replace("-hant", "_Hant")
            for name in (languages.get(tag), Locale.parse(tag).display_name):
                if name:
                    named[str(name).casefold()] = code
    chinese = {"chinese": "zh-hans", "中文": "zh-hans", "סינית": "zh-hans"}
    return named | {name: at for name, at in chinese.items() if at in supported}
