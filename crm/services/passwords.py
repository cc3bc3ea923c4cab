"""Passwords of members of staff: changed, forgotten, chosen behind a link."""

import secrets
from datetime import datetime

from django.db import transaction

from crm.errors import LinkGone
from crm.models import User
from crm.services import account_links, audit
from crm.services.account_links import LinkTokens
from crm.signals import password_reset_requested


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
    with audit.acting(audit.Actor(kind="user", id=locked.pk, via="web")):
        _set(locked, password, now=now)
    return locked


@transaction.atomic
def request_reset(email: str, *, now: datetime) -> User | None:
    """Have a link mailed to the active member of staff with this address, if there is
    one. Returns whom; a page must not say it."""
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
