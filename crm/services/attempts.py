"""Limits on what can be guessed: so many tries of one kind in so many minutes.

A try is counted before it is made, in a statement of its own and outside the caller's
transaction: of a thousand at once, no more than the limit come through. Anyone who was
right gets the try back.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from crm.models import AttemptCounter
from crm.services import audit
from crm.sql import attempts as sql
from web.errors import TooManyAttempts

# Longer than any window.
_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """`most` tries by one and the same within `window`; `name` is part of the key."""

    name: str
    most: int
    window: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class Taken:
    """A try that was counted, and how to give it back."""

    key: str
    started_at: datetime


def take(limit: Limit, who: str, *, now: datetime) -> Taken:
    """Count one try of `who`. Raises TooManyAttempts where the limit is reached."""
    key = _key(limit, who)
    values: dict[str, Any] = {
        "key": key,
        "now": now,
        "window_began": now - limit.window,
        "most": limit.most,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.TAKE, values)
        row = cursor.fetchone()
    if row:
        return Taken(key, row[0])
    _note_first_refusal(limit, key, now)
    raise TooManyAttempts(seconds=_wait(limit, key, now))


def give_back(taken: Taken) -> None:
    """The try was right, or was never made."""
    values: dict[str, Any] = {"key": taken.key, "started_at": taken.started_at}
    with connection.cursor() as cursor:
        cursor.execute(sql.GIVE_BACK, values)


def forget_all() -> None:
    """Forget all failed tries; for who has the command line."""
    AttemptCounter.objects.all().delete()


def clear(*, now: datetime) -> int:
    """Forget counters whose windows are long over. Returns how many."""
    return AttemptCounter.objects.filter(started_at__lt=now - _KEPT).delete()[0]


def _note_first_refusal(limit: Limit, key: str, now: datetime) -> None:
    """One line of audit for each window: thousands would say no more."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.STOP, {"key": key, "now": now})
        if cursor.rowcount:
            audit.record("attempts.stopped", f"limit:{limit.name}", now=now)


def _wait(limit: Limit, key: str, now: datetime) -> int:
    """Whole seconds until the window is over; at least one."""
    began = AttemptCounter.objects.values_list("started_at", flat=True).get(key=key)
    return max(1, round((began + limit.window - now).total_seconds()))


def _key(limit: Limit, who: str) -> str:
    return f"{limit.name} {hashlib.sha256(who.encode()).hexdigest()[:40]}"
