"""What keeps the accounts of staff: tries that were counted."""

from django.db import models


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
