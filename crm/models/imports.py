"""Files on their way in: what people chose so far, and what they chose before."""

from django.db import models
from django.db.models import Q

from crm.models.jobs import StoredFile
from crm.models.records import ImportRun
from crm.models.users import User


class ImportDraft(models.Model):
    """A file that was handed up and not brought in yet. It goes with its file."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    # As `Options.as_json` writes them.
    options = models.JSONField(default=dict, db_default={}, blank=True)
    # The program whose export it is, by the name of its preset.
    preset = models.CharField(max_length=40, blank=True, default="", db_default="")
    # The first rows as they were read; null: to be read again.
    preview = models.JSONField(null=True, blank=True)
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # The last dry run; null once something was changed after it.
    trial = models.ForeignKey(
        ImportRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Bringing it in: from then on the run is what people look at.
    run = models.ForeignKey(
        ImportRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(kind=""), name="import_draft_has_kind"),
        ]
        indexes = [
            # The history: what is still open, newest first.
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(run=None),
                name="import_draft_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ImportMapping(models.Model):
    """What a header meant the last time that somebody brought such a file in."""

    # SHA-256 of the folded names of the columns, in their order.
    header_sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    options = models.JSONField(default=dict, db_default={})
    confirmed_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["header_sha256", "source"], name="import_mapping_once"
            ),
            models.CheckConstraint(
                condition=Q(header_sha256__regex="^[0-9a-f]{64}$") & ~Q(kind=""),
                name="import_mapping_is_of_a_header",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.source}"
