"""Addresses at which a mail finds its conversation, and the ones that are ours.

`help+c1f-0123456789abcdef0123@shop.example`: a letter for what it names, its number in
hexadecimal digits, and twenty digits of an HMAC. Some servers change the case of the
part before the @, so no letter of it depends on case.
"""

import re
from collections.abc import Callable, Iterable

CONVERSATION = "c"
MESSAGE = "m"
PERSON = "p"
SIGNATURE_LENGTH = 20
_TAG = re.compile(r"([cmp])([0-9a-f]{1,15})-([0-9a-f]{20})")

Sign = Callable[[str], str]


def with_tag(address: str, letter: str, number: int, sign: Sign) -> str:
    """The address with a signed tag behind a plus. `sign` gives at least 20 hexadecimal
    digits for a text."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{tag(letter, number, sign)}@{domain}"


def tag(letter: str, number: int, sign: Sign) -> str:
    """The tag alone."""
    named = f"{letter}{number:x}"
    return f"{named}-{sign(named)[:SIGNATURE_LENGTH]}"


def tag_of(
    address: str, is_signed: Callable[[str, str], bool]
) -> tuple[str, int] | None:
    """The letter and number of a tag that was signed by us; None for any other."""
    local = address.rpartition("@")[0].lower()
    found = _TAG.fullmatch(local.rpartition("+")[2])
    if "+" not in local or found is None:
        return None
    letter, number, signature = found.groups()
    if not is_signed(letter + number, signature):
        return None
    return letter, int(number, 16)


def without_tag(address: str) -> str:
    """The address as it was before `with_tag`; another one as it is."""
    local, at, domain = address.rpartition("@")
    base, plus, tag = local.rpartition("+")
    return f"{base}{at}{domain}" if plus and _TAG.fullmatch(tag.lower()) else address


def first_message_uuid(message_ids: Iterable[str]) -> str:
    """The first id that looks like one of our pipeline's; empty: none."""
    for message_id in message_ids:
        if _UUID.fullmatch(left := message_id.partition("@")[0].lower()):
            return left
    return ""


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
