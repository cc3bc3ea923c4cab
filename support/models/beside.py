"""What belongs to a conversation and stands in the contact history: calls and their
like, and the follow-ups that were promised in it.

Both are shown with the conversation only while its customer is theirs: whoever says
that it is somebody else's takes nothing from the record of the first.
"""

from django.db import models

from crm.models import FollowUp, Interaction
from support.models.conversations import Conversation


class ConversationContact(models.Model):
    """A call, chat, visit or post about the matter of a conversation."""

    interaction = models.OneToOneField(
        Interaction, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="contacts"
    )

    def __str__(self) -> str:
        return f"{self.interaction_id} in {self.conversation_id}"


class ConversationFollowUp(models.Model):
    """Something that we owe the customer from a conversation."""

    follow_up = models.OneToOneField(
        FollowUp, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="follow_ups"
    )
    # Done once a person closes the conversation.
    closes_with_it = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.follow_up_id} of {self.conversation_id}"
