"""Which day group a task falls in, and how late it is: no database, no clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


def roughly(count: int) -> int:
    """12,438 as 12,400: an estimate shows no more digits than it has."""
    step = int(10 ** max(len(str(count)) - 3, 0))
    return round(count / step) * step


# --- Today ---------------------------------------------------------------------------


class Group(StrEnum):
    OVERDUE = "overdue"
    NOW = "now"
    LATER = "later"


# Six days on, so that the name of a weekday can mean one day only.
DAYS_AHEAD = 6


def group_of(
    *, due_on: date, due_at: datetime | None, now: datetime, today: date
) -> Group | None:
    """Where a task stands today; None: further away than this week."""
    if due_at is not None and due_at <= now:
        return Group.OVERDUE
    if due_at is None and due_on < today:
        return Group.OVERDUE
    day = due_at.astimezone(now.tzinfo).date() if due_at else due_on
    if day <= today:
        return Group.NOW
    return Group.LATER if day <= today + timedelta(days=DAYS_AHEAD) else None


# --- How long ------------------------------------------------------------------------


@dataclass(frozen=True)
class Late:
    """How late something is, in the one unit that says it."""

    days: int = 0
    hours: int = 0
    minutes: int = 0


def lateness(
    *, due_on: date, due_at: datetime | None, now: datetime, today: date
) -> Late:
    if due_at is None or (now - due_at) >= timedelta(days=1):
        day = due_at.astimezone(now.tzinfo).date() if due_at else due_on
        return Late(days=max((today - day).days, 1))
    seconds = int((now - due_at).total_seconds())
    if seconds >= 3600:
        return Late(hours=seconds // 3600)
    return Late(minutes=max(seconds // 60, 1))


def hours_ahead(theirs: timedelta, ours: timedelta) -> float:
    """How far a customer's clock is ahead of the reader's."""
    return (theirs - ours).total_seconds() / 3600
