"""How long a customer's own pause lasts."""

from calendar import monthrange
from datetime import datetime

PAUSE_MONTHS = 3


def pause_end(now: datetime) -> datetime:
    """The same day three months later; the last of the month where there is none."""
    month = now.month - 1 + PAUSE_MONTHS
    year, month = now.year + month // 12, month % 12 + 1
    return now.replace(
        year=year, month=month, day=min(now.day, monthrange(year, month)[1])
    )
