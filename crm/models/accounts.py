"""What keeps the accounts of staff: sessions, recovery codes, counted tries."""

from django.contrib.sessions.models import Session
from django.db import models

from crm.models.users import User


class StaffSession(models.Model):
    """Where a member of staff is signed in: what they need to know one from another.

    It ends with the session itself. `last_seen_at` is true to some minutes.
    """

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} since {self.started_at:%F}"


class RecoveryCode(models.Model):
    """Stands in for the authenticator app, once; shown once, kept as a SHA-256."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    code_hash = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "code_hash"], name="recovery_code_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {'used' if self.used_at else 'open'}"


class AttemptCounter(models.Model):
    """How often something that may be guessed was tried since `started_at`.

    `key` names the limit and a hash of who is meant: neither an address nor an
    account can be read from it. Written by crm/services/attempts.py alone.
    """

    key = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    # When the first try of this window was refused.
    stopped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key
