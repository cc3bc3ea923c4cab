"""How late something is, and how far ahead Today looks: no clock of its own."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

# Six days on, so that the name of a weekday can mean one day only.
DAYS_AHEAD = 6


@dataclass(frozen=True)
class Late:
    """How late something is, in its largest whole unit; the others are 0."""

    days: int = 0
    hours: int = 0
    minutes: int = 0


def lateness(
    *, due_on: date, due_at: datetime | None, now: datetime, today: date
) -> Late:
    """How late it is: whole days once a day has passed, else hours, else minutes.

    The smallest result is one minute, or one day where only a day is due.
    """
    if due_at is None or (now - due_at) >= timedelta(days=1):
        day = due_at.astimezone(now.tzinfo).date() if due_at else due_on
        return Late(days=max((today - day).days, 1))
    seconds = int((now - due_at).total_seconds())
    if seconds >= 3600:
        return Late(hours=seconds // 3600)
    return Late(minutes=max(seconds // 60, 1))
