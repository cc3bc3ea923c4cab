"""The private storage in a bucket: web.bucket over django-storages, against a real
server that speaks S3, set up by the variables of docs/settings.md."""

import io
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from crm.access import Capability
from crm.models import Customer, Heartbeat, ImportRun, StoredFile
from crm.services import file_copies, files, retention
from crm.tasks import beat_heartbeat
from support.services import storage
from tests.bucket import running_bucket
from tests.config.fresh_settings import fresh_settings
from tests.crm.test_import_pages import hand_up, press_through, work
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server():
    with running_bucket() as server:
        yield server


@pytest.fixture(autouse=True)
def bucket(server, settings):
    with pytest.MonkeyPatch.context() as environment:
        for name, value in server.environment().items():
            environment.setenv(name, value)
        private = fresh_settings()["PRIVATE_STORAGE"]
    settings.STORAGES = settings.STORAGES | {"private": private}
    server.empty()
    return server


@pytest.fixture
def away(bucket, settings):
    """No server answers any more."""
    private = settings.STORAGES["private"]
    options = private["OPTIONS"] | {"endpoint_url": "http://127.0.0.1:9"}
    private = private | {"OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"private": private}


@pytest.fixture
def desk():
    client = Client()
    client.user = UserFactory(role="owner")
    client.force_login(client.user)
    return client


def stored(content=b"a,b\n1,2\n", *, now=NOW, by=None):
    return files.store(
        io.BytesIO(content),
        name="orders.csv",
        content_type="text/csv",
        capability=Capability.EXPORT_DATA,
        by=by or UserFactory(role="owner"),
        now=now,
    )


def test_a_file_comes_back_as_it_was_and_only_as_a_download(bucket, desk):
    content = bytes(range(256)) * 40_000
    file = stored(content, by=desk.user)

    answer = desk.get(f"/files/{file.pk}/")

    assert sha256(answer.getvalue()).hexdigest() == sha256(content).hexdigest()
    assert answer["Content-Disposition"] == 'attachment; filename="orders.csv"'
    assert bucket.keys() == {file.key}
    assert "orders" not in file.key


@pytest.mark.django_db(transaction=True)
def test_what_is_deleted_and_what_is_past_its_time_leaves_the_bucket(bucket):
    by_hand, _, kept = (stored(now=NOW + timedelta(days=days)) for days in (1, 0, 1))

    files.delete(StoredFile.objects.filter(pk=by_hand.pk))
    gone = retention.purge(now=NOW + timedelta(days=14, seconds=1))

    assert gone == 1
    assert bucket.keys() == {kept.key}


def test_what_a_kill_left_without_a_row_goes_after_a_day(bucket):
    lost, kept = stored(), stored(now=timezone.now())
    StoredFile.objects.filter(pk=lost.pk).delete()

    files.purge(now=timezone.now())
    assert bucket.keys() == {lost.key, kept.key}
    StoredFile.objects.update(kept_until=timezone.now() + timedelta(days=9))
    files.purge(now=timezone.now() + timedelta(days=1, minutes=1))

    assert bucket.keys() == {kept.key}


def test_what_is_missing_there_is_said_as_of_a_folder(bucket, desk):
    file = stored(by=desk.user)
    bucket.empty()

    assert desk.get(f"/files/{file.pk}/").status_code == 404
    with pytest.raises(FileNotFoundError), files.local_copy(file):
        pass
    assert not files.is_older(file.key, timezone.now() + timedelta(days=9))


def test_an_upload_comes_in_through_the_bucket_and_is_taken_back(bucket, desk):
    rows = "".join(f"Person {n},p{n}@example.org,2019-05-12\n" for n in range(700))

    tried, done = press_through(desk, hand_up(desk, "name,email,since\n" + rows))

    assert "700 new, 0 changed" in tried.content.decode()
    assert "700 new, 0 changed" in done.content.decode()
    assert Customer.objects.count() == 700
    assert {StoredFile.objects.get().key} <= bucket.keys()

    run = ImportRun.objects.get(is_dry_run=False)
    ImportRun.objects.update(finished_at=timezone.now())
    desk.post(f"/imports/runs/{run.pk}/undo/")
    work()

    assert not Customer.objects.exists()


def test_refused_rows_lie_in_the_bucket_to_be_mended(bucket, desk):
    press_through(
        desk,
        hand_up(desk, "id,name,email\n1,Dana,dana@example.org\n1E+15,Ben,b@e.org\n"),
    )
    refused = StoredFile.objects.filter(name__endswith=".csv").latest("pk")

    answer = desk.get(f"/files/{refused.pk}/")

    assert "1E+15,Ben,b@e.org" in answer.getvalue().decode("utf-8-sig")
    assert {refused.key} <= bucket.keys()


def test_all_files_are_saved_and_put_back(bucket, settings, tmp_path):
    """Into the bucket, and into a folder that the settings name by then."""
    file, archive = stored(bytes(range(256)) * 4_000), tmp_path / "files.tar"
    storage.save(b"a mail", now=NOW)
    keys = bucket.keys()

    saved = file_copies.save(archive)
    bucket.empty()
    bucket.put(file.key, b"damaged")
    assert file_copies.put_back(archive) == saved == len(keys) == 2
    assert bucket.keys() == keys
    with files.open_file(file) as opened:
        assert opened.read() == bytes(range(256)) * 4_000

    private = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    private["OPTIONS"] = {"location": tmp_path / "folder"}
    settings.STORAGES = settings.STORAGES | {"private": private}
    file_copies.put_back(archive)
    with files.open_file(file) as opened:
        assert sha256(opened.read()).hexdigest() == file.sha256


def test_the_workers_mark_is_found_by_the_others(bucket):
    beat_heartbeat()
    assert files.sees_mark()

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        beat_heartbeat()

    assert files.sees_mark(), "it is written over, not beside"
    assert bucket.keys() == {"mark"}


def test_a_bucket_that_is_away_fails_as_a_full_disk_does(away, caplog):
    with pytest.raises(OSError, match="did not answer"):
        stored()
    with pytest.raises(OSError, match="did not answer"):
        storage.read("mails/2026-11/x")
    # Before a restore touches anything.
    with pytest.raises(CommandError, match="did not answer"):
        call_command("private_files", "reach")

    beat_heartbeat()

    assert not StoredFile.objects.exists()
    assert Heartbeat.objects.filter(name="worker").exists()
    assert "The private storage cannot be written" in caplog.text


def test_a_bucket_that_refuses_us_fails_as_a_closed_folder_does(bucket, settings):
    private = settings.STORAGES["private"]
    options = private["OPTIONS"] | {"bucket_name": "of-somebody-else"}
    private = private | {"OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"private": private}

    with pytest.raises(OSError, match="refused|did not answer"):
        stored()
