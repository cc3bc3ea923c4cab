"""Headers of a mail, read so that no broken one ends the reading of the mail.

The parsers of the standard library raise on some hostile headers; what they refuse is
read in a simpler way.
"""

import email.utils
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from support.services.reading import text

_ID = re.compile(r"<\s*([^<>\s]{1,500})\s*>")
_BARE_ID = re.compile(r"[^<>\s@]{1,250}@[^<>\s@]{1,249}")
_FOLD = re.compile(r"\r?\n[ \t]*")
_ENCODED = re.compile(r"(=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=)\s+(?==\?)")
_MOST_ADDRESSES = 500
_MOST_REFERENCES = 100
# A clock that is wrong by more than this says nothing about when a mail was written.
_AHEAD = timedelta(hours=24)
_LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)

Addresses = list[list[str]]


def raw(mail: Message, name: str) -> str:
    """The header as it stands, unfolded; "" where there is none."""
    for key, value in mail.raw_items():
        if key.lower() == name:
            return _FOLD.sub(" ", _as_text(str(value))).strip()
    return ""


def all_raw(mail: Message, name: str) -> list[str]:
    """Every header of this name as it stands, unfolded."""
    return [
        _FOLD.sub(" ", _as_text(str(value))).strip()
        for key, value in mail.raw_items()
        if key.lower() == name
    ]


def by_name(mail: Message) -> dict[str, str]:
    """Headers by name in small letters; of several of one name the first."""
    found: dict[str, str] = {}
    for key, value in mail.raw_items():
        found.setdefault(key.lower(), _FOLD.sub(" ", _as_text(str(value))).strip())
    return found


def words(value: str) -> str:
    """A header's words with their encoded parts (RFC 2047) read."""
    try:
        # Some programs cut a letter of several bytes in two encoded parts.
        parts = decode_header(_ENCODED.sub(r"\1", value))
    except (HeaderParseError, ValueError):
        return value
    return "".join(
        part if isinstance(part, str) else text.decoded(part, charset or "")
        for part, charset in parts
    )


def addresses(values: Iterable[str]) -> Addresses:
    """Pairs of name and address; what is no address at all is left out."""
    found: Addresses = []
    for name, address in _parsed(list(values)):
        address = text.line(address, 254).strip("<> ")
        if "@" in address and not re.search(r"\s", address):
            found.append([text.line(words(name), 200), address])
    return found[:_MOST_ADDRESSES]


def _parsed(values: Sequence[str]) -> list[tuple[str, str]]:
    try:
        if getattr(email.utils, "supports_strict_parsing", False):
            # Strict answers nothing at all for a list with one odd address in it.
            return email.utils.getaddresses(list(values), strict=False)
        return email.utils.getaddresses(list(values))
    except (ValueError, IndexError, TypeError, RecursionError):
        return [
            ("", address) for value in values for address in _BARE_ID.findall(value)
        ]


def message_id(value: str) -> str:
    """The id without its brackets; "" where there is none."""
    return next(iter(ids(value)), "")


def ids(value: str) -> list[str]:
    """Every id in the header, in its order. Some programs forget the brackets."""
    found = _ID.findall(value) or _BARE_ID.findall(value)
    return [text.line(one, 500) for one in found]


def references(mail: Message) -> list[str]:
    """What it answers, the nearest first."""
    chain = ids(raw(mail, "references"))[::-1]
    answered = ids(raw(mail, "in-reply-to"))
    return list(dict.fromkeys([*answered, *chain]))[:_MOST_REFERENCES]


def moment(value: str, arrived_at: datetime) -> datetime:
    """When it was written, where that is believable; else when it arrived."""
    try:
        written = email.utils.parsedate_to_datetime(value)
        if written.tzinfo is None:
            written = written.replace(tzinfo=UTC)
        written = written.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return arrived_at
    if written > arrived_at + _AHEAD or written < _LONG_AGO:
        return arrived_at
    return min(written, arrived_at)


def _as_text(value: str) -> str:
    """Bytes beyond ASCII that stand in a header as they are, which is not allowed."""
    if value.isascii():
        return value
    return text.decoded(value.encode("utf-8", "surrogateescape"), "")
