"""Machines that use the API: their keys, and what they were answered."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.models.users import User


class ApiToken(models.Model):
    """A key for a machine: shown once, kept as a SHA-256, with its scopes."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    token_hash = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gte=F("created_at")),
                name="api_token_lives",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_live(self, now: datetime) -> bool:
        """Whether the key may be used at this moment: neither revoked nor expired."""
        ended = self.expires_at is not None and self.expires_at <= now
        return self.revoked_at is None and not ended


class ApiAnswer(models.Model):
    """What a write with an Idempotency-Key was answered, so that the same request gets
    the same again. The body holds a customer's data and goes after a day."""

    token = models.ForeignKey(
        ApiToken, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    key = models.CharField(max_length=200)
    request_hash = models.BinaryField(max_length=32)
    # 0 while the first request is being served; no other transaction sees it then.
    status = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "key"], name="api_answer_once")
        ]
        indexes = [
            # What the schedule forgets.
            models.Index(fields=["created_at"], name="api_answer_age"),
        ]

    def __str__(self) -> str:
        return f"{self.status} for key {self.token_id}"
