"""What surveys can send: first questions, reminders, and the week's answers."""

from messaging.kinds import register
from surveys.kinds.after_conversation import SurveyAfterConversation
from surveys.kinds.digest import SurveyDigest
from surveys.kinds.on_date import SurveyOnDate
from surveys.kinds.on_request import SurveyOnRequest
from surveys.kinds.post_purchase import NpsPostPurchase
from surveys.kinds.relationship import NpsRelationship
from surveys.kinds.reminder import NpsReminder

__all__ = [
    "NpsPostPurchase",
    "NpsRelationship",
    "NpsReminder",
    "SurveyAfterConversation",
    "SurveyDigest",
    "SurveyOnDate",
    "SurveyOnRequest",
]

register(NpsRelationship())
register(NpsPostPurchase())
register(SurveyAfterConversation())
register(SurveyOnDate())
register(SurveyOnRequest())
register(NpsReminder())
register(SurveyDigest())
