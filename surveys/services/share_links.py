"""Links that everybody may open: made, closed and opened again; and who opens them.

A page says when it was shown, signed: no cookie tells that somebody is a program. What
is counted against the limits is people, not presses.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.db import transaction

from crm.models import User
from crm.services import attempts, audit
from crm.services.attempts import Limit
from messaging.rules.addresses import truncated_ip
from surveys.errors import PageTooOld, TooQuick
from surveys.models import ShareLink, Survey
from web.errors import InvalidValue
from web.rules import text

# Nobody reads and answers in less.
LEAST = timedelta(seconds=3)
# As long as somebody may leave the page open before they answer.
MOST = timedelta(days=2)
# Behind one address there may be a whole shop.
PER_ADDRESS = Limit("share link address", 60, timedelta(hours=1))
PER_NETWORK = Limit("share link network", 300, timedelta(hours=1))
_SALT = "surveys.share-link"

_LETTERS = text.WITHOUT_LOOK_ALIKES.lower()
TOKEN_LENGTH = 12
MOST_NAMES, MOST_VALUES, LONGEST_VALUE = 5, 50, 40
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,19}")
# Words of the address that mean something to the page itself.
_TAKEN = frozenset({"lang", "at", "change", "score", "answer"})
MOST_ORIGINS = 10


@transaction.atomic
def make(
    survey: Survey,
    *,
    name: str,
    declared: Mapping[str, Sequence[str]],
    embed_origins: Sequence[str],
    by: User,
    now: datetime,
    language: str = "",
    closes_at: datetime | None = None,
) -> ShareLink:
    """A link to a survey; what it may say besides is of closed lists."""
    tidy_name = text.one_line(name, field="name", most=120)
    if not tidy_name:
        raise InvalidValue(fields={"name": "required"})
    if language and language not in dict(settings.LANGUAGES):
        raise InvalidValue(fields={"language": "unknown"})
    if closes_at is not None and closes_at <= now:
        raise InvalidValue(fields={"closes_at": "in_the_past"})
    link = ShareLink.objects.create(
        survey=survey,
        name=tidy_name,
        token="".join(secrets.choice(_LETTERS) for _ in range(TOKEN_LENGTH)),
        declared=_declared(declared),
        language=language,
        embed_origins=_origins(embed_origins),
        closes_at=closes_at,
        made_at=now,
        made_by=by,
    )
    _record("made", link, now)
    return link


@transaction.atomic
def close(link: ShareLink, *, now: datetime) -> bool:
    """It takes no new answers. Whether anything changed."""
    return _set_open(link, False, now)


@transaction.atomic
def reopen(link: ShareLink, *, now: datetime) -> bool:
    """It takes answers again. Whether anything changed."""
    return _set_open(link, True, now)


def _set_open(link: ShareLink, is_open: bool, now: datetime) -> bool:
    changed = ShareLink.objects.filter(pk=link.pk, is_open=not is_open).update(
        is_open=is_open
    )
    if changed:
        _record("reopened" if is_open else "closed", link, now)
    return bool(changed)


def _record(action: str, link: ShareLink, now: datetime) -> None:
    audit.record(
        f"survey.link_{action}", f"share_link:{link.pk}", now=now, fields=["is_open"]
    )


def _declared(declared: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    if len(declared) > MOST_NAMES:
        raise InvalidValue(fields={"declared": "too_many"})
    found = {}
    for name, values in declared.items():
        tidy = [
            text.one_line(value, field="declared", most=LONGEST_VALUE)
            for value in values
        ]
        kept = list(dict.fromkeys(value for value in tidy if value))
        if not _NAME.fullmatch(name) or name in _TAKEN or not kept:
            raise InvalidValue(fields={"declared": "bad_name"})
        if len(kept) > MOST_VALUES:
            raise InvalidValue(fields={"declared": "too_many"})
        found[name] = kept
    return found


def _origins(origins: Sequence[str]) -> list[str]:
    """https://shop.example, as browsers write an origin. It stands in a header."""
    if len(origins) > MOST_ORIGINS:
        raise InvalidValue(fields={"embed_origins": "too_many"})
    found = dict.fromkeys(_origin(origin.strip()) for origin in origins)
    return list(found)


_ORIGIN = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?")


def _origin(origin: str) -> str:
    try:
        parts = urlsplit(origin.lower())
        tidy = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        raise InvalidValue(fields={"embed_origins": "not_an_origin"}) from None
    if not _ORIGIN.fullmatch(tidy) or parts.path not in ("", "/") or parts.query:
        raise InvalidValue(fields={"embed_origins": "not_an_origin"})
    return tidy


# --- Who opens it --------------------------------------------------------------------


def new_ticket(link_id: int, now: datetime) -> str:
    """Says when a page was shown, and makes what is sent from it one answer."""
    shown = [link_id, int(now.timestamp()), uuid4().hex]
    return signing.dumps(shown, salt=_SALT, compress=True)


def respondent_of(ticket: str, link_id: int) -> UUID | None:
    """Who answers from the page with this ticket; None: it is none of this link's."""
    read = _read(ticket)
    return UUID(read[2]) if read and read[0] == link_id else None


def admit(ticket: str, *, address: str, now: datetime) -> None:
    """Before the first answer of somebody is kept. Raises TooQuick, PageTooOld and
    TooManyAttempts."""
    read = _read(ticket)
    if read is None:
        raise PageTooOld
    shown_at = datetime.fromtimestamp(read[1], UTC)
    if now > shown_at + MOST:
        raise PageTooOld
    if now < shown_at + LEAST:
        raise TooQuick
    attempts.take(PER_ADDRESS, _of_one(address), now=now)
    attempts.take(PER_NETWORK, truncated_ip(address) or "", now=now)


def _of_one(address: str) -> str:
    """A household has 2^64 addresses of the new kind, and one of the old."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return found.exploded[:19] if found.version == 6 else str(found)


def _read(ticket: str) -> tuple[int, int, str] | None:
    try:
        link_id, seconds, respondent = signing.loads(ticket, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return int(link_id), int(seconds), str(respondent)
