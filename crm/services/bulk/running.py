"""Start a change to many customers, and do it slice by slice."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.expressions import RawSQL
from django.urls import reverse
from psycopg.sql import SQL, Composed

from crm import audiences, selectors, signals
from crm.access import Capability
from crm.errors import AudienceMoved, NotAllowed
from crm.job_kinds import JobKind, Step
from crm.models import BulkRow, BulkRun, Customer, Job, User
from crm.rules.choices import BulkAction, JobState
from crm.services import audit, jobs
from crm.services.bulk import actions, custom
from crm.sql import bulk as sql
from crm.sql.import_runs import ANY_LENGTH

# People of one transaction: a few tenths of a second.
SLICE = 5_000


@transaction.atomic
def start(
    action: BulkAction,
    values: Mapping[str, Any],
    *,
    audience: str,
    said: int,
    by: User,
    now: datetime,
) -> BulkRun:
    """Write the change down and start its job. `audience`: a query string of the
    customer list; `said`: how many people the page showed.

    Raises NotAllowed, InvalidValue, and AudienceMoved where they are no longer as many.
    """
    if not by.can(Capability.CHANGE_MANY):
        raise NotAllowed
    options = actions.checked(action, values, now=now)
    if audiences.count_all(audience, now=now) != said:
        raise AudienceMoved
    run = BulkRun.objects.create(
        action=action.value,
        options=options,
        audience=audience,
        started_by=by,
        created_at=now,
    )
    run.job = jobs.start(
        BULK,
        options={"run": run.pk},
        by=by,
        now=now,
        fields=actions.fields_of(action, options),
    )
    run.save(update_fields=["job"])
    return run


def in_words(run: BulkRun) -> str:
    """What it does, in the reader's language."""
    return actions.in_words(BulkAction(run.action), run.options)


class BulkChange(JobKind):
    """The job that changes many customers."""

    name = "bulk"
    capability = Capability.CHANGE_MANY

    def title(self, job: Job) -> str:
        run = run_of(job)
        return in_words(run) if run else str(job)

    def page(self, job: Job) -> str:
        run = run_of(job)
        return reverse("crm:bulk-run", args=[run.pk]) if run else ""

    def step(self, job: Job, *, now: datetime) -> Step:
        """Fix who the people are; then change a slice of them."""
        run = BulkRun.objects.get(pk=job.options["run"])
        if not job.position:
            people = _freeze(run, now)
            return Step({"after": 0}, done=0, total=people, is_last=not people)
        upto, number = next_slice(run, after=job.position["after"])
        if number:
            changed = work_slice(
                run,
                _statement(run),
                after=job.position["after"],
                upto=upto,
                now=now,
            )
            BulkRun.objects.filter(pk=run.pk).update(changed=F("changed") + changed)
        done = job.done + number
        is_last = number < SLICE
        return Step({"after": upto}, done=done, total=job.total, is_last=is_last)

    def ended(
        self, job: Job, state: JobState, *, now: datetime, message: str = ""
    ) -> None:
        """Also of one that was cancelled: what it did until then can be undone."""
        BulkRun.objects.filter(pk=job.options["run"]).update(finished_at=now)


BULK = BulkChange()


def run_of(job: Job) -> BulkRun | None:
    """The run that this job, of either kind, is about."""
    return BulkRun.objects.filter(pk=job.options.get("run")).first()


def _freeze(run: BulkRun, now: datetime) -> int:
    business = selectors.business()
    people = audiences.everybody_in(
        run.audience, country=business.country, today=business.day(now)
    )
    with connection.cursor() as cursor:
        cursor.execute(ANY_LENGTH)
        cursor.execute(sql.FREEZE.format(people=people), {"run": run.pk})
    number = BulkRow.objects.filter(run=run).count()
    BulkRun.objects.filter(pk=run.pk).update(people=number)
    return number


def _statement(run: BulkRun) -> Composed:
    action = BulkAction(run.action)
    return sql.change(action, actions.column_of(action, run.options))


# --- Slices, of undoing as well ------------------------------------------------------


def next_slice(
    run: BulkRun, *, after: int, which: SQL | None = None
) -> tuple[int, int]:
    """(the last customer of the next slice, how many people are in it)."""
    query = sql.NEXT_SLICE.format(which=which or SQL(""))
    with connection.cursor() as cursor:
        cursor.execute(query, {"run": run.pk, "after": after, "most": SLICE})
        upto, number = cursor.fetchone()
    return upto or after, number


def work_slice(
    run: BulkRun, statement: Composed, *, after: int, upto: int, now: datetime
) -> int:
    """Do the statement to those after one customer and up to another; how many were
    changed. Tells whoever plans by what changed."""
    action, actor = BulkAction(run.action), audit.current_actor()
    fields = actions.fields_of(action, run.options)
    values = {
        **actions.parameters(action, run.options),
        "run": run.pk,
        "after": after,
        "upto": upto,
        "now": now,
        "by": actor.id,
        "actor_kind": actor.kind,
        "via": actor.via,
        "fields": fields,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        changed = int(cursor.fetchone()[0])
    if changed and custom.is_custom(run.options):
        custom.follow_search(run, after=after, upto=upto)
    if changed and fields:
        ids = RawSQL(sql.CHANGED_IDS, [run.pk, after, upto])  # noqa: S611
        signals.customers_changed.send(
            sender=Customer,
            ids=Customer.objects.filter(pk__in=ids).values_list("pk", flat=True),
            fields=frozenset(fields),
            now=now,
        )
    return changed
