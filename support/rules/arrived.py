"""Whether somebody who wrote to us is told that it has arrived."""

from datetime import datetime, timedelta

from support.rules import machines

# One sender is told so once in this time, whatever else they write.
ONCE_IN = timedelta(hours=24)
# What lay in a mailbox that could not be read for so long is answered by people.
_NOT_AFTER = timedelta(hours=24)


def may_be_told(
    *, sender: str, subject: str, arrived_at: datetime, now: datetime
) -> bool:
    """Whether a mail that a person wrote is one to acknowledge."""
    if not sender or machines.is_away(subject):
        return False
    return arrived_at > now - _NOT_AFTER
