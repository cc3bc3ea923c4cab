"""What the system did and needs: audit, imports, heartbeats, the key of hashes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.models.fields import choice_check, pairs
from crm.models.jobs import Job, StoredFile
from crm.models.users import User
from crm.rules.choices import ImportedThing, ImportState, UndoState


class AuditEntry(models.Model):
    """Who changed what, and by which entry point: ids and field names, never values.

    A trigger refuses UPDATE, DELETE and TRUNCATE for every database role; records of
    signing in may be deleted once they are as old as the settings say.
    """

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)  # user, customer, system, api
    actor_id = models.BigIntegerField(null=True)
    via = models.CharField(max_length=20)  # web, public, admin, api, task, command
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)  # "customer:41"
    # A bare id without a constraint: the entry outlives whatever it names.
    customer_id = models.BigIntegerField(null=True)
    fields = ArrayField(models.CharField(max_length=60), default=list, db_default=[])

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(F("at").desc(), F("id").desc(), name="audit_newest"),
            models.Index(
                F("customer_id"), F("at").desc(), F("id").desc(), name="audit_customer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class ImportRun(models.Model):
    """One import, or dry run of one: of which file, by whom, how, and what came of it.

    Its counts are true for what is in at every moment, also after a kill.
    """

    kind = models.CharField(max_length=20)  # a name of imports/kinds.py
    source = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        max_length=10,
        choices=pairs(ImportState),
        default=ImportState.RUNNING.value,
        db_default=ImportState.RUNNING.value,
    )
    read = models.BigIntegerField(default=0, db_default=0)
    accepted = models.BigIntegerField(default=0, db_default=0)
    created = models.BigIntegerField(default=0, db_default=0)
    updated = models.BigIntegerField(default=0, db_default=0)
    unchanged = models.BigIntegerField(default=0, db_default=0)
    refused_by_reason = models.JSONField(default=dict, db_default={})
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    error = models.CharField(max_length=300, blank=True)
    # The upload; null where a command read a file, and once it is past its time.
    file = models.ForeignKey(
        StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    job = models.OneToOneField(
        Job,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="import_run",
    )
    # Options.as_json() of crm/services/imports/running.py.
    options = models.JSONField(default=dict, db_default={}, blank=True)
    is_dry_run = models.BooleanField(default=False, db_default=False)
    # Rows of the file; null: not counted yet.
    total = models.BigIntegerField(null=True, blank=True)
    seconds = models.FloatField(default=0.0, db_default=0.0)
    encoding = models.CharField(max_length=60, blank=True, default="", db_default="")
    # Names of columns that were not used.
    ignored = models.JSONField(default=list, db_default=[], blank=True)
    # Code of what people should know of rows that went in -> rows.
    notes = models.JSONField(default=dict, db_default={}, blank=True)
    # Codes that may be no goods; see proposals.py.
    proposals = models.JSONField(default=list, db_default=[], blank=True)
    # Cells of the file: some as they were read, some of each note, and those of the
    # first refused rows (problems.py). Emptied whenever somebody is erased.
    samples = models.JSONField(default=list, db_default=[], blank=True)
    examples = models.JSONField(default=dict, db_default={}, blank=True)
    problems = models.JSONField(default=list, db_default=[], blank=True)
    # The refused rows, with line and reason.
    rejects_csv = models.ForeignKey(
        StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    rejects_xlsx = models.ForeignKey(
        StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    # Whether what it did was noted (ImportedRow), so that it can be undone.
    is_noted = models.BooleanField(default=False, db_default=False)
    # Empty: it was not asked for.
    undo_state = models.CharField(
        max_length=7, choices=pairs(UndoState), blank=True, default="", db_default=""
    )
    undo_job = models.OneToOneField(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="undone_run"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    # "removed", "restored", "kept" -> records.
    undo_counts = models.JSONField(default=dict, db_default={}, blank=True)
    # What was kept, each with its reason.
    undo_kept = models.ForeignKey(
        StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            choice_check("state", ImportState, name="import_state"),
            models.CheckConstraint(
                condition=Q(undo_state__in=["", *(each.value for each in UndoState)]),
                name="import_undo_state",
            ),
        ]
        indexes = [
            # The history, newest first.
            models.Index(
                F("started_at").desc(), F("id").desc(), name="import_run_newest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.file_name}"

    @property
    def refused(self) -> int:
        return sum(self.refused_by_reason.values())


class ImportedRow(models.Model):
    """One row of another table that a run made or changed, so that it can be undone.

    Written at the end of each slice, in its transaction, of what triggers saw
    (crm/sql/import_undo.py), and deleted a week after the run. No keys to other tables:
    what is named here may be deleted at any time.
    """

    run = models.ForeignKey(
        ImportRun, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    what = models.CharField(max_length=12, choices=pairs(ImportedThing))
    row_id = models.BigIntegerField()
    # Of a line: its order.
    parent_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    # Columns as they were, null where the run made the row; those of them that the run
    # changed as it left them; and the hash of the row as the run left it, of what it
    # made and of orders.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    digest = models.BigIntegerField(null=True)
    # Why undo left it: a code of crm/services/imports/undoing.py.
    kept = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            # Also what each batch of an undo is read by.
            models.UniqueConstraint(
                fields=["run", "what", "row_id"], name="imported_row_once"
            ),
            choice_check("what", ImportedThing, name="imported_row_what"),
        ]
        indexes = [
            # Erasure: what was kept of a person.
            models.Index(fields=["customer_id"], name="imported_row_customer"),
            # An order with its lines.
            models.Index(
                fields=["run", "parent_id"],
                condition=Q(parent_id__isnull=False),
                name="imported_row_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.row_id}"


class Heartbeat(models.Model):
    """The last proven round trip of a part: worker, beat."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class AddressKey(models.Model):
    """The secret behind every hash of an address or of an erased person's id: one
    random row, made by a migration.

    It is not derived from SECRET_KEY, because that may be rotated and the hash of an
    erased address can never be worked out again. It leaves the database only inside
    a backup of the whole of it: no page, export or API shows it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, db_default=1)
    key = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="address_key_one_row")
        ]

    def __str__(self) -> str:
        return "address key"
