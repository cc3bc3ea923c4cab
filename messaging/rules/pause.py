"""How long a pause lasts, and who can have chosen it."""

from calendar import monthrange
from datetime import datetime

PAUSE_MONTHS = 3
# Reasons of a hold: who chose the pause.
BY_CUSTOMER = "paused_by_customer"
BY_STAFF = "paused_by_staff"
PAUSES = frozenset({BY_CUSTOMER, BY_STAFF})


def pause_end(now: datetime) -> datetime:
    """The same day three months later; the last of the month where there is none."""
    month = now.month - 1 + PAUSE_MONTHS
    year, month = now.year + month // 12, month % 12 + 1
    return now.replace(
        year=year, month=month, day=min(now.day, monthrange(year, month)[1])
    )
