"""Workers are killed in the middle of an import and of an undo; both end whole."""

import csv
import io
import time

import pytest
from celery import current_app
from django.core.files.base import ContentFile
from django.utils import timezone

from crm.models import (
    AuditEntry,
    Customer,
    ImportedRow,
    Order,
    Product,
    Subscription,
    SubscriptionChange,
)
from crm.services import files, jobs
from crm.services.imports import import_jobs, undoing, uploads
from crm.services.imports.runner import import_subscriptions
from crm.services.imports.running import Options
from tests.crm.exporting import content, owner
from tests.crm.importing import ORDER_HEADER, file_of, stored_lines, take_orders
from tests.crm.test_import_subscriptions import HEAD
from tests.crm.test_import_undo import last_run
from tests.factories import CustomerFactory
from tests.faults.mails import PATIENCE, wait_until
from tests.faults.workers import running_site

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

LINES = 3_000
KILLS = 3


@pytest.fixture
def site(sink):
    with running_site(sink) as running:
        running.app = "tests.faults.import_app"
        yield running


def ring(site):
    with current_app.connection_for_write(site.redis_url) as broker:
        current_app.send_task(jobs.WORK, connection=broker, retry=False, queue="jobs")


def wait_for(site, job, true):
    """Ring as beat does, only more often, until the job is so far."""
    until = time.monotonic() + PATIENCE
    while True:
        job.refresh_from_db()
        if true(job):
            return
        assert time.monotonic() < until, (job.state, job.done, job.error)
        ring(site)
        time.sleep(0.1)


def kill_in_the_middle(site, job, kills=KILLS):
    """Kill the worker again and again, further on each time; then let it end."""
    reached = []
    for _ in range(kills):
        worker = site.start_worker()
        more = job.done + max(1, (job.total or 0) // 10)
        wait_for(site, job, lambda job, more=more: job.done >= more)
        site.kill(worker)
        job.refresh_from_db()
        reached.append(job.done)
    site.start_worker()
    wait_for(site, job, lambda job: not job.is_open)
    assert reached == sorted(set(reached))
    assert reached[-1] < job.total, "killed in the middle"


def text():
    """Orders of five lines, some bad, one in two places."""
    lines = [
        f"O{n // 5:05},C{n // 5 % 97},2026-05-{n // 5 % 28 + 1:02},S{n % 50},"
        f"{0 if n % 101 == 0 else n % 4 + 1},{n % 90}.5"
        for n in range(LINES)
    ]
    return ORDER_HEADER + "\n".join([*lines, lines[6]]) + "\n"


@pytest.mark.slow
def test_an_import_and_its_undo_outlive_the_workers_that_do_them(site, tmp_path):
    by, now = owner(), timezone.now()
    upload = uploads.take(
        ContentFile(text().encode()), name="orders.csv", by=by, now=now
    )
    job = import_jobs.start(
        upload,
        kind="orders",
        options=Options(create_customers=True, source="killed"),
        dry_run=False,
        by=by,
        now=now,
    )

    kill_in_the_middle(site, job)

    run = job.import_run
    run.refresh_from_db()
    report = take_orders(
        file_of(tmp_path, text()), create_customers=True, source="undisturbed"
    )
    lines = stored_lines()
    assert [row[1:] for row in lines if row[0] == "killed"] == [
        row[1:] for row in lines if row[0] == "undisturbed"
    ]
    assert job.state == run.state == "done"
    for name in "read accepted refused created updated unchanged".split():
        assert getattr(run, name) == getattr(report, name), name
    rejected = csv.DictReader(io.StringIO(content(run.rejects_csv).decode("utf-8-sig")))
    numbers = [row["line"] for row in rejected]
    assert len(numbers) == len(set(numbers)) == run.refused > 0
    assert AuditEntry.objects.filter(action="import.done").count() == 3
    wait_until(lambda: str(job.pk) not in files.folders(jobs.FOLDER))

    undo = undoing.start(run, by=by, now=now)
    noted = ImportedRow.objects.filter(run=run).count()
    kill_in_the_middle(site, undo)

    run.refresh_from_db()
    assert (undo.state, run.undo_state) == ("done", "done")
    assert run.undo_counts == {"removed": noted}
    left = (Order, Customer, Product)
    assert [set(m.objects.values_list("source", flat=True)) for m in left] == [
        {"undisturbed"}
    ] * 3
    assert [row for row in stored_lines() if row[0] == "undisturbed"] == [
        row for row in lines if row[0] == "undisturbed"
    ]
    assert AuditEntry.objects.filter(action="import.undone").count() == 1


def contracts():
    """All there is of them, but for what counts up with each change."""
    kept = [
        column.attname
        for column in Subscription._meta.concrete_fields
        if column.name not in ("version", "updated_at")
    ]
    return [
        list(Subscription.objects.order_by("pk").values(*kept)),
        list(SubscriptionChange.objects.order_by("pk").values()),
    ]


def bring(folder, plan, numbers, changed_on=""):
    lines = [f"K{n},C1,{plan},{n},2026-01-01,,{changed_on}\n" for n in numbers]
    path = file_of(folder, HEAD + "".join(lines))
    import_subscriptions(
        path, Options(), now=timezone.now(), progress=lambda done, total: None
    )


@pytest.mark.slow
def test_an_undo_of_contracts_outlives_the_worker_that_does_it(site, tmp_path):
    """Half of them are new and half changed; no history is left over or lost."""
    CustomerFactory(external_id="C1")
    bring(tmp_path, "Pro", range(1, 301))
    before = contracts()
    bring(tmp_path, "Max", range(1, 601), changed_on="2026-03-01")

    undo = undoing.start(last_run(), by=owner(), now=timezone.now())
    kill_in_the_middle(site, undo, kills=1)

    run = last_run()
    assert (undo.state, run.undo_state) == ("done", "done")
    assert run.undo_counts == {"removed": 300, "restored": 300}
    assert contracts() == before
