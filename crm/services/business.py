"""Change the shop's settings: one row, and no change is overwritten unseen."""

import re
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from crm import signals
from crm.models import Business
from crm.rules.choices import ConsentBasis, LeapDay
from crm.rules.dates import is_zone
from crm.services import audit
from web.errors import InvalidValue, StaleVersion
from web.rules import text

_LINES = {"name": 120, "postal_address": 300, "from_name": 75}
_NEEDED = frozenset({"name", "from_name"})
_ADDRESSES = frozenset(
    {"from_transactional", "from_survey", "from_loyalty", "from_marketing", "reply_to"}
)
# The least and the most days that an owner may choose, by the setting.
KEEP_DAYS = {
    "body_keep_days": (1, 3650),
    "conversation_keep_days": (30, 3650),
    "file_keep_days": (1, 365),
    "job_keep_days": (1, 3650),
    # Less would leave no trace of somebody who guessed passwords a month ago.
    "sign_in_keep_days": (30, 3650),
    "log_keep_days": (1, 365),
    # Longer than copies are kept: docs/operations.md.
    "journal_keep_days": (35, 3650),
}
_NUMBERS = {
    "quiet_from": (0, 23),
    "quiet_until": (0, 23),
    "assumed_delivery_days": (0, 90),
    "campaign_alone_up_to": (0, 100_000),
    **KEEP_DAYS,
}
_WORDS = {
    "leap_day": LeapDay,
    "survey_basis": ConsentBasis,
    "loyalty_basis": ConsentBasis,
}
_CURRENCY = re.compile(r"[A-Z]{3}")
_HOST = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?")
_COUNTRY = re.compile(r"[A-Z]{2}|")
CHANGEABLE = (
    frozenset(_LINES)
    | _ADDRESSES
    | frozenset(_NUMBERS)
    | frozenset(_WORDS)
    | {"public_url", "language", "time_zone", "country", "currency"}
)


@transaction.atomic
def update_business(
    *, changes: Mapping[str, Any], version: int, now: datetime
) -> Business:
    """Set the named settings. Refuses what is based on an older state of them."""
    business = Business.objects.select_for_update().get(pk=1)
    if business.version != version:
        raise StaleVersion
    changed = []
    for field, value in changes.items():
        clean = _clean(field, value)
        if clean != getattr(business, field):
            setattr(business, field, clean)
            changed.append(field)
    if not changed:
        return business
    business.version += 1
    business.save(update_fields=[*changed, "version"])
    audit.record("business.changed", "business:1", fields=changed, now=now)
    signals.business_changed.send(sender=Business, fields=frozenset(changed), now=now)
    return business


def _clean(field: str, value: Any) -> Any:
    if field in _LINES:
        return _line(field, value)
    if field in _ADDRESSES:
        return _address(field, value)
    if field in _NUMBERS:
        return _number(field, value)
    if field in _WORDS:
        return _word(field, value)
    if field == "public_url":
        return _url(value)
    return _code(field, value)


def _line(field: str, value: str) -> str:
    line = text.one_line(value, field=field, most=_LINES[field])
    if not line and field in _NEEDED:
        raise InvalidValue(fields={field: "required"})
    return line


def _address(field: str, value: str) -> str:
    address = text.valid_email(value, field=field)
    if not address and field != "reply_to":
        raise InvalidValue(fields={field: "required"})
    return address


def _number(field: str, value: int) -> int:
    low, high = _NUMBERS[field]
    if not low <= value <= high:
        raise InvalidValue(fields={field: "not_in_range"})
    return value


def _word(field: str, value: str) -> str:
    try:
        return _WORDS[field](value).value
    except ValueError:
        raise InvalidValue(fields={field: "unknown"}) from None


def _url(value: str) -> str:
    """An origin: `https://shop.example`, with a port at most. Links in mails are put
    behind it, and a path, a query or a name there would lead somewhere else."""
    url = text.one_line(value, field="public_url", most=200)
    try:
        parts = urlsplit(url)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        raise InvalidValue(fields={"public_url": "url_invalid"}) from None
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    # What is left over was no part of an origin, but for the closing slash.
    more = parts.path.rstrip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in {"http", "https"} or not host or more or "@" in url:
        raise InvalidValue(fields={"public_url": "url_invalid"})
    return origin


def _host(name: str) -> str:
    """As it stands in an address: Latin letters, for an IPv6 number in brackets."""
    if ":" in name:
        return f"[{ip_address(name)}]"
    host = name.encode("idna").decode() if name else ""
    if not _HOST.fullmatch(host):
        raise ValueError("No host is named so.")
    return host


def _code(field: str, value: str) -> str:
    code = text.one_line(value, field=field, most=64)
    known = {
        "language": lambda: code in dict(settings.LANGUAGES),
        "time_zone": lambda: is_zone(code),
        "country": lambda: bool(_COUNTRY.fullmatch(code)),
        "currency": lambda: bool(_CURRENCY.fullmatch(code)),
    }
    if field not in known:
        raise InvalidValue(fields={field: "unknown_field"})
    if not known[field]():
        raise InvalidValue(fields={field: f"unknown_{field}"})
    return code
