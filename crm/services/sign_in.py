"""Who signs in: limits first, then one hash, then one line in the audit.

A try counts for the device that the account is known on, or else for the network
address, for the account, and for the two together. So one address cannot try many
accounts, many addresses cannot try one account, and somebody who uses an account's
tries up locks out other browsers, not its owner at their own browser.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import connection, transaction

from crm.errors import WrongSignIn
from crm.models import User
from crm.rules.network import one_visitor
from crm.services import attempts, audit
from crm.services.attempts import Limit, Taken
from web.errors import SignInIsBusy, TooManyAttempts

# A number of our own among the database's advisory locks.
_ONE_HASH = 7_305_001
_BUSY_SECONDS = 2


def sign_in(
    *, email: str, password: str, address: str, device: str, now: datetime
) -> User:
    """The active member of staff whose email and password these are.

    `address` is the visitor's; `device` names a browser this account is known on, or
    is empty. Raises TooManyAttempts before anything is compared, and WrongSignIn,
    which reveals neither whether there is such an account nor what was wrong.
    """
    taken = _take(email.strip().lower(), address, device, now)
    with _slot(taken, is_known=bool(device)):
        user = authenticate(username=email, password=password)
    if not isinstance(user, User):
        _note_refusal(email, now)
        raise WrongSignIn
    _give_back(taken)
    return user


def _take(email: str, address: str, device: str, now: datetime) -> list[Taken]:
    """By the widest first: who is stopped there uses up no tries of an account."""
    most, place = settings.LOGIN_FAILURE_LIMIT, one_visitor(address)
    if device:
        return [attempts.take(Limit("device", most), device, now=now)]
    limits = [
        (Limit("address", 2 * most), place),
        (Limit("account at address", most), f"{email} {place}"),
        (Limit("account", 5 * most), email),
    ]
    taken: list[Taken] = []
    try:
        for limit, who in limits:
            taken.append(attempts.take(limit, who, now=now))
    except TooManyAttempts:
        # It is not made, so it does not count against what still has tries left.
        _give_back(taken)
        raise
    return taken


def _give_back(taken: list[Taken]) -> None:
    for one in taken:
        attempts.give_back(one)


@contextmanager
def _slot(taken: list[Taken], *, is_known: bool) -> Iterator[None]:
    """Passwords from unknown browsers are compared one at a time: each costs a good
    part of a second of a core, and customers' pages need the others."""
    if is_known:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_HASH])
            is_free = cursor.fetchone()[0]
        if is_free:
            yield
            return
    _give_back(taken)
    raise SignInIsBusy(seconds=_BUSY_SECONDS)


def _note_refusal(email: str, now: datetime) -> None:
    known = User.objects.filter(email=email.strip().lower()).values_list("pk").first()
    subject = f"user:{known[0]}" if known else "user:unknown"
    audit.record("sign_in.refused", subject, now=now)
