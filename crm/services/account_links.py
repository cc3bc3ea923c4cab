"""Links that let a member of staff choose a password: one purpose each, used once.

A link holds no row: its token is signed over the password hash and the last sign-in, so
that choosing a password, or signing in, ends every link there is. Anyone who holds a
link holds the account: it is never logged, and never part of a body that is stored.
"""

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.http import base36_to_int

from crm import selectors
from crm.models import User
from web.rules.numbers import whole_number

HOUR = 60 * 60
RESET_SECONDS = HOUR
INVITATION_SECONDS = 7 * 24 * HOUR


class LinkTokens(PasswordResetTokenGenerator):
    """Django's tokens with a purpose and a life of their own, in seconds."""

    # A key is changed because somebody may know it: an earlier one opens no account.
    secret_fallbacks: list[str | bytes] = []

    def __init__(self, purpose: str, life: int) -> None:
        super().__init__()
        self.key_salt = f"crm.services.account_links.{purpose}"
        self.life = life

    def check_token(self, user: User | None, token: str | None) -> bool:
        """Whether this token was made for this user, is young enough and unused."""
        if not super().check_token(user, token):
            return False
        made_at = base36_to_int(str(token).split("-")[0])
        return self._num_seconds(self._now()) - made_at <= self.life


RESET = LinkTokens("reset", RESET_SECONDS)
INVITATION = LinkTokens("invitation", INVITATION_SECONDS)


def reset_url(user: User) -> str:
    """An absolute address at which this user may choose a password within an hour."""
    return _url("crm:password-reset", user, RESET)


def invitation_url(user: User) -> str:
    """An absolute address at which an invited colleague may choose their first
    password within seven days."""
    return _url("crm:invitation", user, INVITATION)


def user_behind(key: str, tokens: LinkTokens) -> User | None:
    """Whose link this is, or None where it opens nothing: unknown, used, too old, or
    of somebody who was deactivated."""
    number, _, token = key.partition("-")
    pk = whole_number(number)
    if pk is None:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user and tokens.check_token(user, token) else None


def _url(page: str, user: User, tokens: LinkTokens) -> str:
    path = reverse(page, args=[f"{user.pk}-{tokens.make_token(user)}"])
    return selectors.business().public_url.rstrip("/") + path
