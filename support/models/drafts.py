"""What somebody is writing: kept on the server until it is sent or thrown away."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from crm.models import Customer, FollowUp, User
from support.models.conversations import Conversation


class Draft(models.Model):
    """A mail that is being written; one of each author in a conversation.

    Without a conversation it is a new mail, which begins one when it is sent.
    """

    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="drafts")
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="drafts",
    )
    # The conversation's (support/services/whose.py), or whom a new mail is for.
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="mail_drafts",
    )
    # As typed: it is checked when it is sent, and nothing typed is lost before.
    to = models.TextField(blank=True, default="", db_default="")
    cc = models.TextField(blank=True, default="", db_default="")
    bcc = models.TextField(blank=True, default="", db_default="")
    subject = models.TextField(blank=True, default="", db_default="")
    text = models.TextField(blank=True, default="", db_default="")
    # Whether the mail before is quoted below.
    quotes = models.BooleanField(default=True, db_default=True)
    # What is quoted where there is no mail before, marked line by line.
    quoted = models.TextField(blank=True, default="", db_default="")
    # The answer, review or follow-up it is about: a source and the id of the row.
    about = models.CharField(max_length=60, blank=True, default="", db_default="")
    follow_up = models.ForeignKey(
        FollowUp, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Whether that is done once the mail is sent.
    finishes_follow_up = models.BooleanField(default=True, db_default=True)
    # The mail that is sent on; the draft begins a side thread of its conversation.
    forwards = models.ForeignKey(
        "support.Mail",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # When it is to go by itself; null: when its author says so.
    send_at = models.DateTimeField(null=True, blank=True)
    # Why it did not go by itself: a code. Empty: nothing is wrong.
    held_back = models.CharField(max_length=40, blank=True, default="", db_default="")
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "conversation"],
                condition=Q(forwards=None),
                name="draft_once_a_conversation",
            ),
            models.UniqueConstraint(
                fields=["author", "about"],
                condition=~Q(about=""),
                name="draft_once_about_a_row",
            ),
            models.CheckConstraint(
                condition=Q(changed_at__gte=models.F("begun_at")),
                name="draft_changes_after_it_begins",
            ),
        ]
        indexes = [
            # Retention: drafts that nobody goes on with.
            models.Index(fields=["changed_at"], name="draft_age"),
            # The tick that sends what is to go later.
            models.Index(
                fields=["send_at"], condition=Q(send_at__isnull=False), name="draft_due"
            ),
        ]

    def __str__(self) -> str:
        return self.subject or f"draft {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("support:draft", args=[self.pk])


class DraftFile(models.Model):
    """A file that will go along. The content is in the private storage under `key`."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
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
                name="draft_file_is_stored",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="draft_file_sha256"
            ),
        ]

    def __str__(self) -> str:
        return self.name
