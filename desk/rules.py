"""Which day group a task falls in, how far clocks are apart: no database, no clock."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from crm.rules.lateness import DAYS_AHEAD


def roughly(count: int) -> int:
    """12,438 as 12,400: an estimate shows no more digits than it has."""
    step = int(10 ** max(len(str(count)) - 3, 0))
    return round(count / step) * step


# --- Today ---------------------------------------------------------------------------


class Group(StrEnum):
    """The groups of Today, by when an item is due."""

    OVERDUE = "overdue"
    NOW = "now"
    LATER = "later"


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


# --- Clocks --------------------------------------------------------------------------


def hours_ahead(theirs: timedelta, ours: timedelta) -> float:
    """How far a customer's clock is ahead of the reader's."""
    return (theirs - ours).total_seconds() / 3600
