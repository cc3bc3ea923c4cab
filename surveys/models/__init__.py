"""Ask, answer, score."""

from surveys.models.digest import DigestChoice
from surveys.models.invitations import Invitation, InvitationQuerySet
from surveys.models.responses import Response, ResponseVersion
from surveys.models.surveys import Survey, Turn

__all__ = [
    "DigestChoice",
    "Invitation",
    "InvitationQuerySet",
    "Response",
    "ResponseVersion",
    "Survey",
    "Turn",
]
