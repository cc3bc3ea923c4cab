"""Long work in slices: once each, by one worker, to an end that everybody can read."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from celery import current_app
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction

from config.schedule import BEAT_SCHEDULE
from crm import job_kinds
from crm.access import Capability
from crm.errors import JobNotOpen, NotAllowed
from crm.job_kinds import JobKind, Step
from crm.models import AuditEntry, Job, Tag
from crm.services import files, jobs, retention
from crm.tasks import work_jobs
from tests.factories import NOW, UserFactory
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db

SLICES = 5


class Counting(JobKind):
    """Writes a row a slice, and a file beside it."""

    name = "counting"
    capability = Capability.EXPORT_DATA
    breaks: Exception | None = None
    seen: list[int] = []

    def title(self, job):
        return "Counting"

    def step(self, job, *, now):
        at = job.position.get("at", 0)
        Tag.objects.create(name=f"{job.pk}: {at}")
        files.storage().save(f"{jobs.folder_of(job.pk)}/{at}", ContentFile(b"x"))
        self.seen.append(job.pk)
        if self.breaks:
            raise self.breaks
        is_last = at + 1 == SLICES
        return Step({"at": at + 1}, done=at + 1, total=SLICES, is_last=is_last)


@contextmanager
def known(kind):
    job_kinds.register(kind)
    try:
        yield kind
    finally:
        del job_kinds._kinds[kind.name]


@pytest.fixture
def counting():
    with known(Counting()) as kind:
        kind.seen = []
        yield kind


@pytest.fixture
def owner(db):
    return UserFactory(role="owner")


@pytest.fixture
def job(counting, owner):
    return jobs.start(counting, options={}, by=owner, now=NOW)


def files_of(job):
    return files.names(jobs.folder_of(job.pk))


def rows():
    return list(Tag.objects.order_by("pk").values_list("name", flat=True))


# --- Slice by slice ------------------------------------------------------------------


def test_a_job_is_done_slice_by_slice(job):
    worked = jobs.work(now=NOW, seconds=60)

    job.refresh_from_db()
    assert (worked.slices, worked.is_unfinished) == (SLICES, False)
    assert (job.state, job.done, job.total) == ("done", SLICES, SLICES)
    assert rows() == [f"{job.pk}: {at}" for at in range(SLICES)]


def test_a_pass_is_short_and_shows_that_more_is_left(job):
    first = jobs.work(now=NOW, seconds=0)
    job.refresh_from_db()
    begun = (job.state, job.position, job.started_at)
    while jobs.work(now=NOW, seconds=0).is_unfinished:
        pass

    job.refresh_from_db()
    assert (first.slices, first.is_unfinished) == (1, True)
    assert begun == ("running", {"at": 1}, NOW)
    assert job.state == "done"
    assert len(rows()) == SLICES


def test_jobs_take_turns(counting, owner):
    for _ in range(2):
        jobs.start(counting, options={}, by=owner, now=NOW)

    moments = [NOW + timedelta(seconds=number) for number in range(4)]
    for moment in moments:
        jobs.work(now=moment, seconds=0)

    first, second = counting.seen[:2]
    assert counting.seen == [first, second, first, second]
    assert first != second


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_do_one_job():
    """Whoever holds its lock has it; another one goes on to the next job."""
    with known(Counting()) as kind:
        owner = UserFactory(role="owner")
        held, free = (jobs.start(kind, options={}, by=owner, now=NOW) for _ in range(2))
        locked, over = threading.Event(), threading.Event()

        def hold():
            with transaction.atomic():
                jobs.sql.try_lock(held.pk)
                locked.set()
                over.wait(30)
            connection.close()

        thread = threading.Thread(target=hold)
        thread.start()
        locked.wait(30)
        try:
            jobs.work(now=NOW, seconds=60)
            left_alone = not jobs.work(now=NOW, seconds=60).slices
        finally:
            over.set()
            thread.join()

        held.refresh_from_db()
        free.refresh_from_db()
        assert (held.state, free.state, left_alone) == ("waiting", "done", True)


def test_the_task_rings_again_where_more_is_left(job, monkeypatch):
    heard = []
    application = type(current_app._get_current_object())
    monkeypatch.setattr(
        application, "send_task", lambda self, name, **_: heard.append(name)
    )
    monkeypatch.setattr("crm.tasks.PASS_SECONDS", 0)

    for _ in range(SLICES + 1):
        work_jobs()

    assert heard == [jobs.WORK] * (SLICES)


def test_workers_are_notified_by_the_task_name_and_beat_sends_it_too():
    current_app.loader.import_default_modules()

    assert jobs.WORK in current_app.tasks
    assert jobs.WORK in {line["task"] for line in BEAT_SCHEDULE.values()}


# --- How it ends ---------------------------------------------------------------------


def test_a_job_that_ended_leaves_no_work_behind(
    job, django_capture_on_commit_callbacks
):
    jobs.work(now=NOW, seconds=0)
    assert files_of(job) == ["0"]

    with django_capture_on_commit_callbacks(execute=True):
        jobs.work(now=NOW, seconds=60)

    assert files_of(job) == []


def test_work_that_a_kill_left_is_cleared_by_the_schedule(job):
    jobs.work(now=NOW, seconds=60)
    assert len(files_of(job)) == SLICES

    retention.purge(now=NOW)

    assert files_of(job) == []


def test_work_of_a_job_that_goes_on_is_kept(job):
    jobs.work(now=NOW, seconds=0)

    retention.purge(now=NOW)

    assert files_of(job) == ["0"]


def test_a_cancelled_job_ends_after_its_slice(job):
    jobs.work(now=NOW, seconds=0)
    jobs.cancel(job, now=NOW)

    jobs.work(now=NOW, seconds=60)

    job.refresh_from_db()
    assert (job.state, job.done, job.finished_at) == ("cancelled", 1, NOW)
    assert len(rows()) == 1


def test_a_job_that_is_cancelled_in_its_last_slice_makes_nothing(
    job, counting, monkeypatch
):
    monkeypatch.setitem(globals(), "SLICES", 1)
    real = counting.step

    def meanwhile(job, *, now):
        Job.objects.filter(pk=job.pk).update(cancel_asked_at=now)
        return real(job, now=now)

    counting.step = meanwhile
    jobs.work(now=NOW, seconds=0)
    # Undone with the rest of the slice here; elsewhere it is another's transaction.
    jobs.cancel(job, now=NOW)
    jobs.work(now=NOW, seconds=60)

    job.refresh_from_db()
    assert (job.state, job.done) == ("cancelled", 0)
    assert rows() == []


def test_what_has_ended_cannot_be_cancelled(job):
    jobs.work(now=NOW, seconds=60)

    with pytest.raises(JobNotOpen):
        jobs.cancel(job, now=NOW)


def test_a_slice_that_breaks_is_tried_again_and_then_ends_the_job(job, counting):
    counting.breaks = RuntimeError("boom")

    states = []
    for _ in range(jobs.MOST_FAILURES):
        jobs.work(now=NOW, seconds=60)
        job.refresh_from_db()
        states.append((job.state, job.error))

    assert states == [("waiting", ""), ("waiting", ""), ("failed", "job_broke")]
    # Rolled back, each time.
    assert rows() == []


def test_one_that_went_well_in_between_forgets_the_breaks(job, counting):
    for breaks in (RuntimeError("1"), RuntimeError("2"), None, RuntimeError("3")):
        counting.breaks = breaks
        jobs.work(now=NOW, seconds=0)

    job.refresh_from_db()
    assert (job.state, job.failures) == ("running", 1)


def test_what_cannot_mend_itself_ends_the_job_at_once(job, counting):
    counting.breaks = InvalidValue()

    jobs.work(now=NOW, seconds=60)

    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "invalid")


def test_a_storage_that_cannot_be_written_is_reported(job, settings, tmp_path, caplog):
    (tmp_path / "a file").touch()
    settings.STORAGES = settings.STORAGES | {
        "private": settings.PRIVATE_STORAGE
        | {"OPTIONS": {"location": tmp_path / "a file"}}
    }

    for _ in range(jobs.MOST_FAILURES):
        jobs.work(now=NOW, seconds=60)

    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "files_unusable")


def test_a_job_of_another_version_ends(job, counting):
    Job.objects.update(kind="of tomorrow")

    jobs.work(now=NOW, seconds=60)

    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "job_kind_unknown")


@pytest.mark.parametrize("changed", [{"is_active": False}, {"role": "agent"}])
def test_a_job_ends_with_the_right_of_whoever_started_it(job, owner, changed):
    type(owner).objects.filter(pk=owner.pk).update(**changed)

    jobs.work(now=NOW, seconds=60)

    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "not_allowed")
    assert rows() == []


def test_only_who_may_starts_one(counting):
    with pytest.raises(NotAllowed):
        jobs.start(counting, options={}, by=UserFactory(role="agent"), now=NOW)


def test_each_turn_is_in_the_audit_of_whoever_started_it(job, owner):
    jobs.work(now=NOW, seconds=60)

    found = AuditEntry.objects.filter(subject=f"job:{job.pk}").order_by("pk")
    assert [entry.action for entry in found] == ["counting.asked", "counting.done"]
    assert (found[1].actor_kind, found[1].actor_id) == ("user", owner.pk)
    assert found[1].via == "task"


def test_jobs_are_forgotten_after_a_year(job):
    jobs.work(now=NOW, seconds=60)

    retention.purge(now=NOW + timedelta(days=365))
    assert Job.objects.count() == 1
    retention.purge(now=NOW + timedelta(days=365, seconds=1))
    assert Job.objects.count() == 0


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"state": "lost", "finished_at": NOW}, "job_state"),
        ({"state": "done"}, "job_ended_has_time"),
        ({"finished_at": NOW}, "job_ended_has_time"),
        ({"state": "failed", "finished_at": NOW}, "job_failed_has_error"),
        ({"error": "job_broke"}, "job_failed_has_error"),
        ({"done": 6, "total": 5}, "job_done_of_total"),
        ({"done": -1}, "job_done_of_total"),
    ],
)
def test_the_database_refuses_what_is_wrong(job, broken, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Job.objects.update(**broken)
