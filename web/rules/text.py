"""What people may type: trimmed, in one Unicode form, without what harms later.

Each function raises InvalidValue with one code per field: not_text, control_characters,
too_long, email_invalid, email_not_ascii, phone_invalid.
"""

import re
import unicodedata
from functools import cache

import phonenumbers

from web.errors import InvalidValue

EMAIL_LENGTH = 254
LOCAL_PART_LENGTH = 64
PHONE_LENGTH = 60
# Fewer digits are in too many numbers to be looked for in the middle of one.
PHONE_PART_LENGTH = 4
WITH_CALLING_CODE = 11

# For what people copy from paper: Crockford's, without I, L, O and U. Of these 32, 12
# letters are 60 bits: no one finds a code by trying.
WITHOUT_LOOK_ALIKES = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# Trimmed at both ends; inside a text they stay, because scripts and emoji need them.
ZERO_WIDTH = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")

_LOCAL_PART = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{2,59}})")
_PLAIN_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_PHONE_CHARACTERS = re.compile(
    r"[0-9+().,;/#x\s\-\u2010-\u2015]|ext|tel", re.IGNORECASE
)


def one_line(value: str, *, field: str, most: int) -> str:
    """A single line of at most `most` code points; empty stays empty."""
    if value.isascii() and value.isprintable():
        text = value.strip()
    else:
        text = _clean(value, field=field, most=most)
        if _CONTROL.search(text):
            raise InvalidValue(fields={field: "control_characters"})
    if len(text) > most:
        raise InvalidValue(fields={field: "too_long"})
    return text


def many_lines(value: str, *, field: str, most: int) -> str:
    """Free text; lines end in a line feed, tabs stay."""
    text = _clean(value, field=field, most=most)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL_BUT_LINES.search(text):
        raise InvalidValue(fields={field: "control_characters"})
    if len(text) > most:
        raise InvalidValue(fields={field: "too_long"})
    return text


def valid_email(value: str, *, field: str = "email") -> str:
    """An address that ordinary mail servers accept, as typed; empty stays empty.

    Refused: address literals, names without a dot, quoted local parts, and local parts
    that need SMTPUTF8. A domain in other scripts is accepted (and travels as punycode).
    """
    email = one_line(value, field=field, most=EMAIL_LENGTH)
    if not email:
        return ""
    local, at, domain = email.rpartition("@")
    if at and not local.isascii():
        raise InvalidValue(fields={field: "email_not_ascii"})
    if len(local) > LOCAL_PART_LENGTH or not _LOCAL_PART.fullmatch(local):
        raise InvalidValue(fields={field: "email_invalid"})
    wire = ascii_domain(domain)
    if len(local) + 1 + len(wire) > EMAIL_LENGTH or not _DOMAIN.fullmatch(wire):
        raise InvalidValue(fields={field: "email_invalid"})
    return email


def ascii_domain(domain: str) -> str:
    """The domain as mail servers see it; one that has no such form stays."""
    if domain.isascii():
        return domain.lower()
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain.casefold()


def valid_phone(
    value: str, *, field: str = "phone", country: str = ""
) -> tuple[str, str]:
    """(E.164, as typed). E.164 is empty where only a country could complete it.

    Digits of any script are read; what is no telephone number is refused.
    """
    text = one_line(value, field=field, most=PHONE_LENGTH)
    if not text:
        return "", ""
    if _PLAIN_E164.fullmatch(text) and _has_calling_code(text):
        return text, text
    latin = unicodedata.normalize("NFKC", text)
    if _PHONE_CHARACTERS.sub("", latin):
        raise InvalidValue(fields={field: "phone_invalid"})
    if not country and not latin.startswith("+"):
        return _national(latin, text, field=field)
    try:
        number = phonenumbers.parse(latin, country or None)
    except phonenumbers.NumberParseException:
        raise InvalidValue(fields={field: "phone_invalid"}) from None
    if not phonenumbers.is_possible_number(number):
        raise InvalidValue(fields={field: "phone_invalid"})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), text


def phone_parts(typed: str) -> list[str]:
    """Return runs of digits of which one stands in each way of writing a number.

    `052-123 4567`, `+972 (0)52 1234567` and `00972…` all give 521234567: without the
    calling code, and without what is dialled before it inside a country. Empty where
    `typed` is no telephone number, or has fewer than four digits to look for.
    """
    plain = _with_latin_digits(typed)
    if _PHONE_CHARACTERS.sub("", plain):
        return []
    dialled = digits(typed)
    parts = [_significant(dialled, abroad=plain.startswith(("+", "(+")))]
    if len(dialled) >= WITH_CALLING_CODE:
        # A calling code without its +; and the 8 that Russia dials before a number.
        parts += [_significant(dialled, abroad=True), dialled.removeprefix("8")]
    if len(parts[0]) < PHONE_PART_LENGTH:
        parts = [dialled]
    return list(dict.fromkeys(p for p in parts if len(p) >= PHONE_PART_LENGTH))


def digits(written: str) -> str:
    """The digits of a telephone number, whatever script they are in."""
    return "".join(filter(str.isdigit, _with_latin_digits(written)))


def _with_latin_digits(typed: str) -> str:
    return "".join(
        str(unicodedata.decimal(character, character))
        for character in unicodedata.normalize("NFKC", typed)
        if unicodedata.category(character) != "Cf"
    ).strip()


def _significant(digits: str, *, abroad: bool) -> str:
    if digits.startswith("00"):
        digits, abroad = digits[2:], True
    if abroad:
        ends = (end for end in (1, 2, 3) if int(digits[:end] or 0) in _calling_codes())
        digits = digits[next(ends, 0) :]
    return digits.lstrip("0")


def _clean(value: str, *, field: str, most: int) -> str:
    # Ten megabytes are refused before they are looked at.
    if len(value) > 4 * most + 1000:
        raise InvalidValue(fields={field: "too_long"})
    if _SURROGATE.search(value):
        raise InvalidValue(fields={field: "not_text"})
    return unicodedata.normalize("NFC", _trim(value))


def _trim(value: str) -> str:
    before = None
    while before != value:
        before, value = value, value.strip().strip(ZERO_WIDTH)
    return value


def _national(latin: str, text: str, *, field: str) -> tuple[str, str]:
    digits = sum(character.isdigit() for character in latin)
    if not 3 <= digits <= 25:
        raise InvalidValue(fields={field: "phone_invalid"})
    return "", text


def _has_calling_code(e164: str) -> bool:
    return any(int(e164[1:end]) in _calling_codes() for end in (2, 3, 4))


@cache
def _calling_codes() -> frozenset[int]:
    return frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
