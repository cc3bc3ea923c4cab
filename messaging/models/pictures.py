"""Pictures that staff put into the mails of automations."""

from django.db import models
from django.db.models import Q

from crm.models import User

LONGEST_NAME = 60


class MailPicture(models.Model):
    """One picture. Wordings and versions name it (`picture`); it never changes, and its
    content lies in the private storage. Anyone who has a mail with it may see it."""

    # Its address in mails, random and with its size (messaging/rules/pictures.py).
    name = models.CharField(max_length=LONGEST_NAME, unique=True)
    key = models.CharField(max_length=200, unique=True)
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    # The same file twice is one picture.
    sha256 = models.CharField(max_length=64, unique=True)
    # When it was put up last: what nothing names a day later is deleted.
    put_up_at = models.DateTimeField()
    put_up_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(content_type__in=["image/png", "image/jpeg", "image/gif"]),
                name="mail_picture_type",
            ),
        ]

    def __str__(self) -> str:
        return self.name
