"""What a mailbox answers by itself."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from support.models.mailboxes import Mailbox


class AcknowledgementText(models.Model):
    """The shop's own words, in one language, that a mail has arrived.

    Without a row the mailbox says what Perennial says:
    support/services/acknowledging.py.
    """

    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.CASCADE, related_name="acknowledgement_texts"
    )
    language = models.CharField(max_length=10)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "language"], name="acknowledgement_text_once"
            ),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _ in settings.LANGUAGES])
                & ~Q(text=""),
                name="acknowledgement_text_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mailbox} {self.language}"
