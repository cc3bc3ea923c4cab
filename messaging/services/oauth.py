"""Tokens of mail accounts: asked for with consent, renewed, and kept encrypted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import requests
from django.db import transaction

from crm.services import audit
from messaging.errors import NoToken
from messaging.models import MailGrant
from messaging.rules import oauth
from messaging.rules.choices import OAuthProvider
from messaging.rules.oauth import Endpoints
from messaging.services import secrets

# To connect, and to answer, in seconds.
_PATIENCE = (5, 10)
# A token is not used in its last minute: a mail may take that long.
_MARGIN = timedelta(minutes=1)
_LIFE = timedelta(minutes=5)
_ANSWER_MOST = 64 * 1024


def endpoints_of(grant: MailGrant) -> Endpoints:
    """Where this grant is given and renewed."""
    known = oauth.KNOWN.get(OAuthProvider(grant.provider))
    return known or Endpoints(grant.authorize_url, grant.token_url, grant.scope)


def consent(
    grant: MailGrant, *, code: str, verifier: str, redirect_uri: str, now: datetime
) -> None:
    """Trade the code of the provider for tokens, and keep them. Raises NoToken."""
    answer = _asked(
        grant,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        },
    )
    if not answer.get("refresh_token"):
        # It would end within the hour, and could not be renewed.
        raise NoToken(oauth.CONSENT_MISSING)
    with transaction.atomic():
        locked = MailGrant.objects.select_for_update().get(pk=grant.pk)
        _keep(locked, answer, now)
        locked.granted_at = now
        locked.save()
        audit.record("mail_grant.given", f"mail_grant:{locked.pk}", now=now)


def access_token(grant: MailGrant, *, now: datetime) -> str:
    """A token that holds for a minute at least. Raises NoToken, and notes why."""
    try:
        return _token(grant, now)
    except NoToken as error:
        if error.code != oauth.PROVIDER_UNREACHABLE:
            _note(grant, error.code, now)
        raise


@transaction.atomic
def _token(grant: MailGrant, now: datetime) -> str:
    """Under the lock of the row: some providers take a refresh token once only."""
    locked = MailGrant.objects.select_for_update().get(pk=grant.pk)
    if not locked.refresh_token:
        raise NoToken(oauth.CONSENT_MISSING)
    if locked.error_code == oauth.CONSENT_OVER:
        # Only a person can mend that, by a new consent.
        raise NoToken(oauth.CONSENT_OVER)
    is_fresh = locked.expires_at is not None and locked.expires_at > now + _MARGIN
    if not locked.access_token or not is_fresh:
        secret = secrets.decrypt(locked.refresh_token)
        answer = _asked(
            locked, {"grant_type": "refresh_token", "refresh_token": secret}
        )
        _keep(locked, answer, now)
        locked.save()
    return secrets.decrypt(locked.access_token)


def refused(grant: MailGrant) -> None:
    """A mail server does not take the token: the next try asks for another one."""
    MailGrant.objects.filter(pk=grant.pk).update(access_token="", expires_at=None)


def _note(grant: MailGrant, error_code: str, now: datetime) -> None:
    MailGrant.objects.filter(pk=grant.pk).exclude(error_code=error_code).update(
        error_code=error_code, error_since=now
    )


def _keep(grant: MailGrant, answer: Mapping[str, Any], now: datetime) -> None:
    grant.access_token = secrets.encrypt(str(answer["access_token"]))
    if answer.get("refresh_token"):
        grant.refresh_token = secrets.encrypt(str(answer["refresh_token"]))
    grant.expires_at = now + _life(answer.get("expires_in"))
    grant.error_code, grant.error_since = "", None


def _life(seconds: object) -> timedelta:
    """How long the token holds; a little while where the provider does not say."""
    try:
        return timedelta(seconds=int(str(seconds)))
    except (ValueError, OverflowError):
        return _LIFE


def _asked(grant: MailGrant, form: Mapping[str, str]) -> dict[str, Any]:
    """The answer of the token endpoint. Raises NoToken."""
    whole = {**form, "client_id": grant.client_id}
    if grant.client_secret:
        whole["client_secret"] = secrets.decrypt(grant.client_secret)
    try:
        response = requests.post(
            endpoints_of(grant).token_url,
            data=whole,
            headers={"Accept": "application/json"},
            timeout=_PATIENCE,
            allow_redirects=False,
        )
        answer = response.json() if len(response.content) < _ANSWER_MOST else None
    except (requests.RequestException, ValueError) as error:
        raise NoToken(oauth.PROVIDER_UNREACHABLE) from error
    if not isinstance(answer, dict) or response.status_code >= 500:
        raise NoToken(oauth.PROVIDER_UNREACHABLE)
    if response.status_code != 200 or not answer.get("access_token"):
        raise NoToken(oauth.error_code_of(str(answer.get("error", ""))))
    return answer
