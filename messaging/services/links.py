"""Links in mails: random tokens kept as hashes, and signed ones without a row."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.signing import BadSignature, Signer
from django.db import transaction

from messaging.errors import LinkGone
from messaging.kinds import LinkTo
from messaging.models import Link
from messaging.rules import tokens
from messaging.rules.choices import Category, Purpose

# One salt per purpose: a token of one purpose fails at every other. The separator is
# unreserved in URLs and no letter of a signature. Old keys: SECRET_KEY_FALLBACKS.
_STOP = Signer(salt="messaging.stop", sep="~")
_PREFERENCES = Signer(salt="messaging.preferences", sep="~")
_LETTERS = {
    Category.TRANSACTIONAL: "t",
    Category.SURVEY: "s",
    Category.LOYALTY: "l",
    Category.MARKETING: "m",
    Category.BIRTHDAY: "b",
}
_CATEGORIES = {letter: category for category, letter in _LETTERS.items()}

# What opening a link reads. Whole rows of both tables are 60 columns, and to put that
# statement together takes longer than to answer it.
_OPENED = (
    "customer_id",
    "expires_at",
    "message_id",
    "purpose",
    "revoked_at",
    "subject_id",
    "customer__erased_at",
    "customer__merged_into_id",
)


@dataclass(frozen=True)
class LinkRequest:
    """A link to make: to what, for whom, in which message."""

    link_to: LinkTo
    customer_id: int
    message_id: int | None


def make(link_to: LinkTo, *, customer_id: int, message_id: int | None) -> str:
    """A fresh token for this link; only its SHA-256 is kept."""
    return make_many([LinkRequest(link_to, customer_id, message_id)])[0]


@transaction.atomic
def make_many(requests: Sequence[LinkRequest]) -> list[str]:
    """Fresh tokens in the order of the requests, with one INSERT."""
    made = [secrets.token_urlsafe(24) for _ in requests]
    Link.objects.bulk_create(
        Link(
            token_hash=token_hash(token),
            purpose=request.link_to.purpose.value,
            customer_id=request.customer_id,
            subject_id=request.link_to.subject_id,
            message_id=request.message_id,
            expires_at=request.link_to.expires_at,
        )
        for token, request in zip(made, requests, strict=True)
    )
    return made


def token_hash(token: str) -> bytes:
    """SHA-256 of a token, as it is stored."""
    return hashlib.sha256(token.encode()).digest()


def hash_of(raw: str) -> bytes:
    """The same of the token at the start of what stands in an address; empty: there is
    none."""
    tidy = tokens.random_token(raw)
    return token_hash(tidy) if tidy else b""


def open_link(token: str, *, purpose: Purpose, now: datetime) -> Link:
    """What the token opens, of a customer who is live; LinkGone for every other token.

    Found by a unique index on the hash: no secret is compared letter by letter. Of the
    customer nothing is read but whether they are there: who opens the link reads what
    they show.
    """
    tidy = tokens.random_token(token)
    link = (
        Link.objects.select_related("customer")
        .only(*_OPENED)
        .filter(token_hash=token_hash(tidy), purpose=purpose.value)
        .first()
    )
    if link is None or not tidy or link.revoked_at or link.expires_at <= now:
        raise LinkGone
    if not link.customer.is_live:
        raise LinkGone
    return link


@transaction.atomic
def revoke(*, purpose: Purpose, subject_id: int, now: datetime) -> int:
    """Close every link to this invitation or request."""
    return Link.objects.filter(
        purpose=purpose.value, subject_id=subject_id, revoked_at=None
    ).update(revoked_at=now)


def stop_token(customer_id: int, category: Category) -> str:
    """The stop link of one class of mail: signed, without a row and without an end."""
    return _STOP.sign(f"u{_LETTERS[category]}{customer_id:x}")


def read_stop_token(token: str) -> tuple[int, Category]:
    """Customer id and class. Raises LinkGone for a forged token."""
    value = _unsigned(_STOP, token)
    return int(value[2:], 16), _CATEGORIES[value[1]]


def preference_token(customer_id: int) -> str:
    """The signed token of a customer's preference page."""
    return _PREFERENCES.sign(f"p{customer_id:x}")


def read_preference_token(token: str) -> int:
    """The customer id. Raises LinkGone for a forged token."""
    return int(_unsigned(_PREFERENCES, token)[1:], 16)


def _unsigned(signer: Signer, token: str) -> str:
    try:
        return signer.unsign(tokens.signed_token(token))
    except BadSignature as error:
        raise LinkGone from error
