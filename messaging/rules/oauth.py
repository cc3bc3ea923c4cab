"""Providers of mail by OAuth 2, and how their consent is asked for (RFC 6749, 7636)."""

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from messaging.rules.choices import OAuthProvider

CONSENT_MISSING = "consent_missing"
CONSENT_OVER = "consent_over"
CLIENT_REFUSED = "client_refused"
PROVIDER_UNREACHABLE = "provider_unreachable"


@dataclass(frozen=True)
class Endpoints:
    """Where consent is asked for and tokens are given; `extra` goes along."""

    authorize_url: str
    token_url: str
    scope: str
    extra: tuple[tuple[str, str], ...] = ()


KNOWN = {
    # A refresh token comes only where both are asked for.
    OAuthProvider.GOOGLE: Endpoints(
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
        (("access_type", "offline"), ("prompt", "consent")),
    ),
    OAuthProvider.MICROSOFT: Endpoints(
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "offline_access https://outlook.office.com/IMAP.AccessAsUser.All"
        " https://outlook.office.com/SMTP.Send",
        (("prompt", "select_account"),),
    ),
}


def consent_url(
    at: Endpoints,
    *,
    client_id: str,
    redirect_uri: str,
    state: str,
    verifier: str,
    user: str,
) -> str:
    """The page of the provider that asks the owner of the account `user`."""
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": at.scope,
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        "login_hint": user,
        **dict(at.extra),
    }
    joint = "&" if urlsplit(at.authorize_url).query else "?"
    return f"{at.authorize_url}{joint}{urlencode(asked)}"


def challenge(verifier: str) -> str:
    """What the provider may know of the verifier before it sees it (S256)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def error_code_of(error: str) -> str:
    """What an error of the token endpoint (RFC 6749, 5.2) means for the account."""
    if error in ("invalid_grant", "interaction_required", "consent_required"):
        return CONSENT_OVER
    return CLIENT_REFUSED
