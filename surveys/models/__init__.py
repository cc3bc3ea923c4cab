"""Ask, answer, score."""

from surveys.models.after import AfterAnswer
from surveys.models.cells import AskedCount, Cell, CellBook, CellDelta, Spread
from surveys.models.digest import DigestChoice
from surveys.models.invitations import AskRequest, Invitation, InvitationQuerySet
from surveys.models.links import ShareLink
from surveys.models.presses import Press
from surveys.models.responses import Answer, Response, ResponseVersion
from surveys.models.surveys import Asking, ScheduledAsk, Survey, SurveyVersion
from surveys.models.themes import CommentReading, ResponseTheme, Theme
from surveys.models.wishes import ReferralWish

__all__ = [
    "AfterAnswer",
    "Answer",
    "AskedCount",
    "AskRequest",
    "Asking",
    "Cell",
    "CellBook",
    "CellDelta",
    "CommentReading",
    "DigestChoice",
    "Invitation",
    "InvitationQuerySet",
    "Press",
    "ReferralWish",
    "Response",
    "ResponseTheme",
    "ResponseVersion",
    "ShareLink",
    "Spread",
    "Survey",
    "SurveyVersion",
    "Theme",
    "ScheduledAsk",
]
