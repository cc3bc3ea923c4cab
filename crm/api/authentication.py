"""A machine shows its key: `Authorization: Bearer prl_…`. Only its hash is stored."""

import hashlib
from datetime import timedelta

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from crm.models import ApiToken
from crm.services import audit

_SEEN_EVERY = timedelta(minutes=5)


class TokenAuthentication(BaseAuthentication):
    """`request.auth` is the ApiToken; there is no user behind it."""

    def authenticate(self, request: Request) -> tuple[None, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise AuthenticationFailed("Send one key: Authorization: Bearer KEY")
        token = _find(words[1])
        if token is None:
            raise AuthenticationFailed("This key does not exist or was ended.")
        # The audit names the key; the context ends with the request's own.
        audit.set_actor(audit.Actor(kind="api", id=token.pk, via="api"))
        return None, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _find(key: bytes) -> ApiToken | None:
    now = timezone.now()
    token = ApiToken.objects.filter(token_hash=hashlib.sha256(key).digest()).first()
    if token is None or not token.is_live(now):
        return None
    if token.last_used_at is None or token.last_used_at < now - _SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
