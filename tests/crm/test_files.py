"""The private storage: closed, counted, kept as long as the settings say."""

import io
import os
import stat
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.access import Capability
from crm.models import Business, Heartbeat, StoredFile
from crm.services import files, retention
from crm.tasks import beat_heartbeat
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """A storage of this test alone."""
    options = settings.PRIVATE_STORAGE["OPTIONS"] | {"location": tmp_path / "files"}
    private = settings.PRIVATE_STORAGE | {"OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"private": private}
    return tmp_path / "files"


def stored(content=b"a,b\n1,2\n", *, now=NOW, **changes):
    file = files.store(
        io.BytesIO(content),
        name="orders.csv",
        content_type="text/csv",
        capability=Capability.EXPORT_DATA,
        by=UserFactory(role="owner"),
        now=now,
    )
    StoredFile.objects.filter(pk=file.pk).update(**changes)
    return file


def paths(folder):
    return {path for path in folder.rglob("*") if path.is_file()}


def test_a_file_is_counted_and_kept_as_long_as_the_settings_say():
    Business.objects.update(file_keep_days=3)
    content = b"x" * 200_000

    file = stored(content)

    assert (file.size, file.sha256) == (200_000, sha256(content).hexdigest())
    assert file.kept_until == NOW + timedelta(days=3)
    with files.open_file(file) as opened:
        assert opened.read() == content


def test_the_storage_is_closed_to_other_accounts_and_knows_no_names(folder):
    stored()

    [path] = paths(folder)
    assert "orders" not in str(path.relative_to(folder))
    for each in (path, *path.relative_to(folder).parents):
        mode = stat.S_IMODE((folder / each).stat().st_mode)
        assert not mode & 0o077, each


@pytest.mark.django_db(transaction=True)
def test_what_is_past_its_time_goes_with_its_content(folder):
    stored()
    kept = stored(now=NOW + timedelta(days=1))

    gone = retention.purge(now=NOW + timedelta(days=14, seconds=1))

    assert gone == 1
    assert StoredFile.objects.get() == kept
    assert {path.name for path in paths(folder)} == {Path(kept.key).name}


def test_a_shorter_time_holds_for_what_is_here_already():
    stored()
    Business.objects.update(file_keep_days=2)

    assert retention.purge(now=NOW + timedelta(days=2)) == 0
    assert retention.purge(now=NOW + timedelta(days=2, seconds=1)) == 1


def test_content_is_kept_until_the_rows_are_gone_for_good(
    folder, django_capture_on_commit_callbacks
):
    stored()

    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        files.delete(StoredFile.objects.all())
        transaction.set_rollback(True)

    assert StoredFile.objects.exists()
    assert paths(folder)


def test_what_a_kill_left_without_a_row_goes_after_a_day(folder):
    lost, kept = stored(), stored()
    StoredFile.objects.filter(pk=lost.pk).delete()

    files.purge(now=timezone.now())
    assert len(paths(folder)) == 2
    for path in paths(folder):
        os.utime(path, (0, 0))
    StoredFile.objects.update(kept_until=timezone.now() + timedelta(days=1))
    StoredFile.objects.update(created_at=timezone.now())
    gone = files.purge(now=timezone.now())

    assert gone == 1
    assert {path.name for path in paths(folder)} == {Path(kept.key).name}


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"name": ""}, "stored_file_is_named"),
        ({"key": ""}, "stored_file_is_named"),
        ({"capability": ""}, "stored_file_is_named"),
        ({"size": -1}, "stored_file_has_size"),
        ({"sha256": "x" * 64}, "stored_file_sha256"),
        ({"kept_until": NOW}, "stored_file_is_kept"),
    ],
)
def test_the_database_refuses_what_is_wrong(broken, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        stored(**broken)


# --- One storage for all -------------------------------------------------------------


def test_the_workers_leave_a_mark_that_others_find():
    assert files.sees_mark() is None

    beat_heartbeat()

    assert files.sees_mark()


def test_a_process_with_another_folder_sees_no_mark(settings, tmp_path):
    beat_heartbeat()
    elsewhere = settings.PRIVATE_STORAGE | {"OPTIONS": {"location": tmp_path / "else"}}
    settings.STORAGES = settings.STORAGES | {"private": elsewhere}

    assert files.sees_mark() is False


def test_a_mark_that_is_gone_is_left_again(folder):
    files.mark(now=NOW)
    (folder / "mark").unlink()

    files.mark(now=NOW + timedelta(minutes=1))

    assert files.sees_mark()


def test_a_storage_that_cannot_be_written_does_not_stop_the_heartbeat(folder, caplog):
    folder.touch()

    beat_heartbeat()

    assert Heartbeat.objects.filter(name="worker").exists()
    assert "The private storage cannot be written" in caplog.text
