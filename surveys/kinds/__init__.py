"""What surveys can send: two questions, one reminder, and the week's answers."""

from messaging.kinds import register
from surveys.kinds.digest import SurveyDigest
from surveys.kinds.post_purchase import NpsPostPurchase
from surveys.kinds.relationship import NpsRelationship
from surveys.kinds.reminder import NpsReminder

__all__ = ["NpsPostPurchase", "NpsRelationship", "NpsReminder", "SurveyDigest"]

register(NpsRelationship())
register(NpsPostPurchase())
register(NpsReminder())
register(SurveyDigest())
