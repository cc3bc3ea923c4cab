"""What surveys can send: two questions and one reminder."""

from messaging.kinds import register
from surveys.kinds.post_purchase import NpsPostPurchase
from surveys.kinds.relationship import NpsRelationship
from surveys.kinds.reminder import NpsReminder

__all__ = ["NpsPostPurchase", "NpsRelationship", "NpsReminder"]

register(NpsRelationship())
register(NpsPostPurchase())
register(NpsReminder())
