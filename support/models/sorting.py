"""How conversations are sorted: tags, and what was done to several at once."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from crm.models import User
from crm.models.fields import choice_check, pairs
from support.models.conversations import Conversation
from support.rules.choices import ChangeAction


class ConversationTag(models.Model):
    """A word that colleagues put to conversations."""

    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="conversation_tag_once"),
            models.CheckConstraint(condition=~Q(name=""), name="conversation_tag_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """One tag of one conversation."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="taggings", db_index=False
    )
    tag = models.ForeignKey(
        ConversationTag,
        on_delete=models.CASCADE,
        related_name="taggings",
        db_index=False,
    )

    class Meta:
        constraints = [
            # The list by tag reads it from its first column.
            models.UniqueConstraint(
                fields=["tag", "conversation"], name="tagging_once"
            ),
        ]
        indexes = [
            # The tags of the conversations of a page.
            models.Index(fields=["conversation", "tag"], name="tagging_of_one"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} of {self.conversation_id}"


class ConversationChange(models.Model):
    """What a colleague did to some conversations, kept for a while to take it back.

    `rows`: conversation id → name of a value → what it was and what it became; for what
    was joined or split, what moved (support/services/joining.py). Ids, states and times
    only, never words.
    """

    action = models.CharField(max_length=6, choices=pairs(ChangeAction))
    by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    rows = models.JSONField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            choice_check("action", ChangeAction, name="conversation_change_action"),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(undone_at__gte=models.F("at")),
                name="conversation_change_undone_after",
            ),
        ]
        indexes = [
            # Forgotten after a while.
            models.Index(fields=["at"], name="conversation_change_age"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"
