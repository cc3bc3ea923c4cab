"""How long a message may wait."""

from datetime import datetime, timedelta

# What does not fit is looked at one last time just before its life ends.
LAST_LOOK = timedelta(minutes=1)


def is_in_time(until: datetime, expires_at: datetime) -> bool:
    """Whether a message of that life can still go once it has waited until then."""
    return until < expires_at - LAST_LOOK
