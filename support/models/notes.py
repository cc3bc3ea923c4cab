"""What colleagues say to each other about a conversation, and ready-made words."""

from django.db import models
from django.db.models import Q

from crm.models import User
from support.models.conversations import Conversation


class Note(models.Model):
    """An internal note; customers never see it."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="notes", db_index=False
    )
    author = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="note_says_something")
        ]
        indexes = [
            models.Index(fields=["conversation", "at", "id"], name="note_in_order")
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"


class Mention(models.Model):
    """A colleague is asked for in a note, until they have seen it."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note", "user"], name="mention_once")
        ]
        indexes = [
            # Today: what one person has not seen.
            models.Index(
                fields=["user", "id"],
                condition=Q(seen_at=None),
                name="mention_unseen",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.note_id}"


class SavedReply(models.Model):
    """Words that are written often, in one language: one's own, or everybody's."""

    name = models.CharField(max_length=80)
    # Empty: in whatever language.
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    # With the placeholders of support/rules/placeholders.py.
    text = models.TextField()
    # Null: everybody's.
    owner = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name_plural = "saved replies"
        ordering = ["name", "language", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "language", "owner"],
                nulls_distinct=False,
                name="saved_reply_once",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(text=""), name="saved_reply_says_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SavedReplyFile(models.Model):
    """A file that goes along where the words are put into a mail. The content is in the
    private storage under `key`."""

    reply = models.ForeignKey(
        SavedReply, on_delete=models.CASCADE, related_name="files"
    )
    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    # Detected from the content.
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(key="") & ~Q(name="") & Q(size__gte=0),
                name="saved_reply_file_is_stored",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"),
                name="saved_reply_file_sha256",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Signature(models.Model):
    """What stands below the mails of a colleague."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"signature of {self.user_id}"
