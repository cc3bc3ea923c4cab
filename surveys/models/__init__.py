"""Ask, answer, score."""

from surveys.models.digest import DigestChoice
from surveys.models.invitations import Invitation, InvitationQuerySet
from surveys.models.links import ShareLink
from surveys.models.responses import Answer, Response, ResponseVersion
from surveys.models.surveys import Asking, Survey, SurveyVersion, Turn

__all__ = [
    "Answer",
    "Asking",
    "DigestChoice",
    "Invitation",
    "InvitationQuerySet",
    "Response",
    "ResponseVersion",
    "ShareLink",
    "Survey",
    "SurveyVersion",
    "Turn",
]
