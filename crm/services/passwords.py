"""Passwords of members of staff: changed, forgotten, chosen behind a link."""

import contextlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from crm.errors import LinkGone, TooManyAttempts
from crm.models import User
from crm.rules.network import one_visitor
from crm.services import account_links, attempts, audit
from crm.services.account_links import LinkTokens
from crm.services.attempts import Limit
from crm.signals import password_reset_requested

_ASKED_FROM_ADDRESS = Limit("reset from address", 10, timedelta(hours=1))
_ASKED_FOR_ACCOUNT = Limit("reset of account", 5, timedelta(hours=1))


@transaction.atomic
def give_new_password(user: User, *, now: datetime) -> str:
    """A random one, told once and kept as a hash; it ends the user's sessions."""
    password = secrets.token_urlsafe(12)
    _set(user, password, now=now)
    return password


@transaction.atomic
def set_password(user: User, *, password: str, now: datetime) -> None:
    """The user's password from now on; it ends their sessions. The door has checked
    that it may be one."""
    _set(user, password, now=now)


@transaction.atomic
def choose_password(
    key: str, tokens: LinkTokens, *, password: str, now: datetime
) -> User:
    """Set the password behind a link, which is used up by it. Raises LinkGone where it
    was used in the meantime, or never opened anything."""
    user = account_links.user_behind(key, tokens)
    # Of two who send the same link at once, the second finds it used.
    locked = user and User.objects.select_for_update().get(pk=user.pk)
    if locked is None or account_links.user_behind(key, tokens) != locked:
        raise LinkGone
    with audit.acting(audit.user(locked.pk)):
        _set(locked, password, now=now)
    return locked


def request_reset(email: str, *, address: str, now: datetime) -> None:
    """Have a link mailed to the active member of staff with this email address, if
    there is one. `address` is the visitor's. Raises TooManyAttempts for a visitor who
    asks too often; for an account that is asked for too often nothing is mailed, and
    nobody is told."""
    attempts.take(_ASKED_FROM_ADDRESS, one_visitor(address), now=now)
    with contextlib.suppress(TooManyAttempts):
        attempts.take(_ASKED_FOR_ACCOUNT, email.strip().lower(), now=now)
        send_reset(email, now=now)


@transaction.atomic
def send_reset(email: str, *, now: datetime) -> User | None:
    """Have a link mailed to whom this email address belongs. Returns who that is, or
    None; a page must not say which."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    subject = f"user:{user.pk}" if user else "user:unknown"
    audit.record("user.password_reset_requested", subject, now=now)
    if user:
        password_reset_requested.send(sender=User, user=user, now=now)
    return user


def _set(user: User, password: str, *, now: datetime) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(
        "user.password_changed", f"user:{user.pk}", fields=["password"], now=now
    )
