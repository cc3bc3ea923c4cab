"""What surveys can send: first questions, reminders, and the week's answers."""

from messaging.kinds import register
from surveys.kinds.after_conversation import SurveyAfterConversation
from surveys.kinds.after_delivery import SurveyAfterDelivery
from surveys.kinds.again import SurveyAgain
from surveys.kinds.digest import SurveyDigest
from surveys.kinds.on_date import SurveyOnDate
from surveys.kinds.on_request import SurveyOnRequest
from surveys.kinds.regularly import SurveyRegularly
from surveys.kinds.reminder import SurveyReminder
from surveys.kinds.trial import SurveyTest

__all__ = [
    "SurveyAfterDelivery",
    "SurveyRegularly",
    "SurveyReminder",
    "SurveyTest",
    "SurveyAfterConversation",
    "SurveyAgain",
    "SurveyDigest",
    "SurveyOnDate",
    "SurveyOnRequest",
]

register(SurveyRegularly())
register(SurveyAfterDelivery())
register(SurveyAfterConversation())
register(SurveyOnDate())
register(SurveyOnRequest())
register(SurveyAgain())
register(SurveyReminder())
register(SurveyDigest())
register(SurveyTest())
