"""Real workers are killed in the middle of an export; it goes on and is whole."""

import time

import pytest
from celery import current_app

from crm.models import AuditEntry, Customer, StoredFile
from crm.services import files, jobs
from tests.crm.exporting import ask, content, lines_of
from tests.factories import CustomerFactory
from tests.faults.mails import PATIENCE, wait_until
from tests.faults.workers import running_site

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PEOPLE = 2_000
KILLS = 3


@pytest.fixture
def site(sink):
    with running_site(sink) as running:
        running.app = "tests.faults.jobs_app"
        yield running


def ring(site):
    with current_app.connection_for_write(site.redis_url) as broker:
        current_app.send_task(jobs.WORK, connection=broker, retry=False, queue="jobs")


def wait_for(site, job, true):
    """Notify as beat does, only more often, until the job is so far."""
    until = time.monotonic() + PATIENCE
    while True:
        job.refresh_from_db()
        if true(job):
            return
        assert time.monotonic() < until, (job.state, job.done, job.error)
        ring(site)
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.pipeline
def test_an_export_outlives_the_workers_that_make_it(site):
    ids = [row.external_id for row in CustomerFactory.create_batch(PEOPLE)]
    job = ask("customers")
    reached = []

    for _ in range(KILLS):
        worker = site.start_worker()
        more = job.done + PEOPLE // 10
        wait_for(site, job, lambda job, more=more: job.done >= more)
        site.kill(worker)
        job.refresh_from_db()
        reached.append(job.done)
    site.start_worker()
    wait_for(site, job, lambda job: not job.is_open)

    assert reached == sorted(set(reached))
    assert reached[-1] < PEOPLE, "killed in the middle"
    assert (job.state, job.done) == ("done", PEOPLE)
    found = [line["external_id"] for line in lines_of(content(job.result))]
    assert found == ids == list(Customer.objects.order_by("pk").values_list(
        "external_id", flat=True
    ))  # fmt: skip
    assert StoredFile.objects.count() == 1
    assert AuditEntry.objects.filter(action="export.done").count() == 1
    # Its parts are deleted once the end is committed.
    wait_until(lambda: str(job.pk) not in files.folders(jobs.FOLDER))
