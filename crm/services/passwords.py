"""Passwords of members of staff: changed, forgotten, chosen behind a link."""

import contextlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from crm.errors import LinkGone, WrongPassword
from crm.models import User
from crm.rules.network import one_visitor
from crm.services import account_links, attempts, audit, sessions
from crm.services.account_links import LinkTokens
from crm.services.attempts import Limit
from crm.signals import password_reset_requested
from web.errors import TooManyAttempts

_CONFIRMATIONS = Limit("own password", 10, timedelta(minutes=15))
_ASKED_FROM_ADDRESS = Limit("reset from address", 10, timedelta(hours=1))
_ASKED_FOR_ACCOUNT = Limit("reset of account", 5, timedelta(hours=1))


@transaction.atomic
def give_new_password(user: User, *, now: datetime) -> str:
    """Set a random password, returned once and kept as a hash; it ends the sessions."""
    password = secrets.token_urlsafe(12)
    _set(user, password, now=now)
    return password


@transaction.atomic
def set_password(user: User, *, password: str, now: datetime) -> None:
    """An owner sets another user's password; it ends their sessions. The form has
    checked that it is allowed."""
    _set(user, password, now=now)


@transaction.atomic
def change_password(
    user: User, *, password: str, session_key: str | None, now: datetime
) -> None:
    """One's own; every session but the one with this key ends."""
    _set(user, password, now=now, but=session_key)


def confirm(user: User, password: str, *, now: datetime) -> None:
    """Somebody who is signed in shows that it is them. Raises WrongPassword, and
    TooManyAttempts after ten in a quarter of an hour."""
    taken = attempts.take(_CONFIRMATIONS, str(user.pk), now=now)
    if not user.check_password(password):
        audit.record("user.confirmation_refused", f"user:{user.pk}", now=now)
        raise WrongPassword
    attempts.give_back(taken)


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
    no error is shown."""
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


def _set(user: User, password: str, *, now: datetime, but: str | None = None) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.end_all(user, but=but)
    audit.record(
        "user.password_changed", f"user:{user.pk}", fields=["password"], now=now
    )
