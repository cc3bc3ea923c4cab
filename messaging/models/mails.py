"""What left, word for word, and the links in it."""

from django.db import models

from crm.models import Customer
from crm.models.fields import choice_check, pairs
from messaging.models.ledger import Message
from messaging.rules.choices import Purpose


class Body(models.Model):
    """The mail as it left. With a real transport its links are blanked."""

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, primary_key=True, related_name="body"
    )
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    stored_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "bodies"

    def __str__(self) -> str:
        return self.subject


class Link(models.Model):
    """A token in a mail: only its SHA-256 is kept, bound to one purpose."""

    token_hash = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=10, choices=pairs(Purpose))
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    # The invitation, review request or reminder it opens.
    subject_id = models.BigIntegerField()
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, blank=True, related_name="links"
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [choice_check("purpose", Purpose, name="link_purpose")]
        indexes = [
            # The purge of links past their life.
            models.Index(fields=["expires_at"], name="link_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject_id}"
