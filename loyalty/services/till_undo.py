"""What was pressed at the till by mistake: who may undo it, and for how long."""

from datetime import timedelta

from crm.access import Capability
from crm.models import User
from loyalty.errors import NotYoursToUndo

UNDO_FOR = timedelta(minutes=15)


def may(user: User, did: int | None) -> bool:
    """Whether they may undo what the colleague with this id did: their own always."""
    return did == user.pk or user.can(Capability.UNDO_FOR_OTHERS)


def check(user: User, did: int | None) -> None:
    """Raises NotYoursToUndo."""
    if not may(user, did):
        raise NotYoursToUndo
