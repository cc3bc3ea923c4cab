"""Long work that goes on in slices, and the files that it reads and makes."""

from django.db import models
from django.db.models import F, Q

from crm.models.fields import choice_check, pairs
from crm.models.users import User
from crm.rules.choices import JobState

_OPEN = [JobState.WAITING.value, JobState.RUNNING.value]


class StoredFile(models.Model):
    """A file in the private storage, which is reached by our pages alone.

    Written by crm/services/files.py; the storage knows it by `key`, people by `name`.
    """

    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    # Detected from the content, never taken from the sender.
    content_type = models.CharField(max_length=100)
    # Beside the one under `key`, in which what was written in several slices goes on.
    further_pieces = models.PositiveIntegerField(default=0, db_default=0)
    size = models.BigIntegerField()
    # Of the content; of several pieces, of theirs one behind the other, in hexadecimal.
    sha256 = models.CharField(max_length=64)
    # What its reader must be allowed to do: a word of crm/access.py.
    capability = models.CharField(max_length=40)
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    kept_until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(key="") & ~Q(name="") & ~Q(capability=""),
                name="stored_file_is_named",
            ),
            models.CheckConstraint(
                condition=Q(size__gte=0), name="stored_file_has_size"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="stored_file_sha256"
            ),
            models.CheckConstraint(
                condition=Q(kept_until__gt=F("created_at")), name="stored_file_is_kept"
            ),
        ]
        indexes = [
            # The purge: what is past its keeping time.
            models.Index(fields=["kept_until"], name="stored_file_kept"),
        ]

    def __str__(self) -> str:
        return self.name


class Job(models.Model):
    """Work that takes longer than a page may wait, done in slices by the workers.

    `position` is where the next slice begins; each slice and its position are committed
    together, so that a killed worker loses one slice at most. Changed by
    crm/services/jobs.py alone.
    """

    kind = models.CharField(max_length=40)
    # What was asked for, as the kind understands it.
    options = models.JSONField(default=dict, db_default={}, blank=True)
    position = models.JSONField(default=dict, db_default={}, blank=True)
    state = models.CharField(
        max_length=9,
        choices=pairs(JobState),
        default=JobState.WAITING.value,
        db_default=JobState.WAITING.value,
    )
    done = models.BigIntegerField(default=0, db_default=0)
    # Null: not counted yet.
    total = models.BigIntegerField(null=True, blank=True)
    # The code of what ended it; crm/error_messages.py has the sentence.
    error = models.CharField(max_length=40, blank=True, default="", db_default="")
    # Slices in a row that broke.
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)
    result = models.ForeignKey(
        StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # In the words of whoever started it.
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    # When a worker last turned to it: the job that waited longest comes next.
    worked_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    # When the person who started it saw that it had ended.
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            choice_check("state", JobState, name="job_state"),
            models.CheckConstraint(
                condition=Q(state__in=_OPEN, finished_at=None)
                | Q(~Q(state__in=_OPEN), finished_at__isnull=False),
                name="job_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state=JobState.FAILED.value, error__gt="")
                | Q(~Q(state=JobState.FAILED.value), error=""),
                name="job_failed_has_error",
            ),
            models.CheckConstraint(
                condition=Q(result=None) | Q(state=JobState.DONE.value),
                name="job_result_of_done",
            ),
            models.CheckConstraint(
                condition=Q(done__gte=0) & (Q(total=None) | Q(done__lte=F("total"))),
                name="job_done_of_total",
            ),
        ]
        indexes = [
            # The workers: what is left to do, and what waited longest.
            models.Index(
                F("worked_at").asc(nulls_first=True),
                F("id"),
                condition=Q(state__in=_OPEN),
                name="job_open",
            ),
            # The list of jobs, newest first.
            models.Index(F("created_at").desc(), F("id").desc(), name="job_newest"),
            # Today: what ended and was not seen by the person who started it.
            models.Index(
                fields=["started_by", "finished_at"],
                condition=Q(finished_at__isnull=False, seen_at=None),
                name="job_unseen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in _OPEN
