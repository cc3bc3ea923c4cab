"""Keys for machines: shown once, kept as a hash, ended by a date or by hand."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from crm.access import SCOPES
from crm.models import ApiToken, User
from crm.services import audit
from web.errors import InvalidValue
from web.rules import text


@transaction.atomic
def issue(
    *,
    name: str,
    scopes: Collection[str],
    now: datetime,
    created_by: User | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a key. Returns the row, and the key itself, which cannot be read again.

    Without `expires_at` it lives until somebody ends it.
    """
    if expires_at is not None and expires_at <= now:
        raise InvalidValue(fields={"expires_at": "in_the_past"})
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes:
        raise InvalidValue(fields={"scopes": "unknown"})
    key = f"prl_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        name=text.one_line(name, field="name", most=80),
        prefix=key[:12],
        token_hash=hashlib.sha256(key.encode()).digest(),
        scopes=sorted(scopes),
        created_by=created_by,
        created_at=now,
        expires_at=expires_at,
    )
    audit.record("api_token.issued", f"api_token:{token.pk}", now=now)
    return token, key


@transaction.atomic
def revoke(token: ApiToken, *, now: datetime) -> None:
    """End a key at once; a second time changes nothing."""
    ended = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
    if ended:
        audit.record("api_token.revoked", f"api_token:{token.pk}", now=now)
