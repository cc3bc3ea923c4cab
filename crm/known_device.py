"""The browser in which a member of staff has signed in before.

A signed cookie that holds no secret and opens nothing: with it, tries from here are
counted apart from those of others, who can then lock out only themselves.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse

LIFE = timedelta(days=180)


def device_of(request: HttpRequest, email: str) -> str:
    """The name of this browser, if this account has signed in here; otherwise empty."""
    try:
        value = _signer().unsign(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), max_age=LIFE
        )
    except BadSignature:
        return ""
    account, _, name = value.partition(".")
    return name if account == _account(email) else ""


def remember(response: HttpResponse, email: str) -> None:
    """From now on this account is known in the browser that gets this answer."""
    value = f"{_account(email)}.{secrets.token_urlsafe(12)}"
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        _signer().sign(value),
        max_age=LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _signer() -> TimestampSigner:
    # Anyone who knows an earlier key could make as many browsers as they have guesses.
    return TimestampSigner(salt="crm.known_device", fallback_keys=[])


def _account(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:24]
