"""Set up at which provider a mail account signs in by consent."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from messaging.models import MailGrant
from messaging.rules.choices import OAuthProvider
from messaging.rules.oauth import KNOWN, Endpoints
from messaging.services import secrets, sending_accounts
from web.errors import InvalidValue


@transaction.atomic
def keep(
    grant: MailGrant | None,
    *,
    provider: OAuthProvider,
    client_id: str,
    client_secret: str,
    authorize_url: str,
    token_url: str,
    scope: str,
    is_another_user: bool,
    now: datetime,
) -> tuple[MailGrant, bool]:
    """The grant, and whether it has to be consented to anew: another client, provider
    or user was never consented to. An empty secret keeps the one that is stored.

    Raises InvalidValue.
    """
    row = grant or MailGrant()
    at = KNOWN.get(provider) or Endpoints(authorize_url, token_url, scope)
    _check(client_id, at)
    wanted = _Wanted(
        provider.value, client_id, at.authorize_url, at.token_url, at.scope
    )
    is_new = grant is None or is_another_user or wanted != _Wanted.of(row)
    wanted.set(row)
    if client_secret:
        row.client_secret = secrets.encrypt(client_secret)
    elif is_new and not is_another_user:
        # The old one belongs to another client, and must not be sent elsewhere.
        row.client_secret = ""
    if is_new:
        row.refresh_token = row.access_token = row.error_code = ""
        row.granted_at = row.expires_at = row.error_since = None
    if is_new or client_secret:
        row.save()
    return row, is_new


@dataclass(frozen=True)
class _Wanted:
    """Who gives consent to whom, for what."""

    provider: str
    client_id: str
    authorize_url: str
    token_url: str
    scope: str

    @classmethod
    def of(cls, row: MailGrant) -> "_Wanted":
        return cls(
            row.provider, row.client_id, row.authorize_url, row.token_url, row.scope
        )

    def set(self, row: MailGrant) -> None:
        for name, value in vars(self).items():
            setattr(row, name, value)


def _check(client_id: str, at: Endpoints) -> None:
    wrong = {} if client_id else {"client_id": "required"}
    for name, url in (
        ("authorize_url", at.authorize_url),
        ("token_url", at.token_url),
    ):
        if not _is_safe(url):
            wrong[name] = "url_not_safe"
    if wrong:
        raise InvalidValue(fields=wrong)


def _is_safe(url: str) -> bool:
    """Secrets travel by TLS, or stay on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and sending_accounts.is_here(host)
