"""The file of an export is written in pieces, and is the same as one made in one go."""

from datetime import timedelta

import pytest

from crm.models import StoredFile
from crm.services import files, jobs, retention
from crm.services.exports import formats, slices
from crm.services.exports.asking import EXPORT
from tests.crm.exporting import ask, content, exported, files_in, lines_of
from tests.crm.test_job_pages import browser
from tests.factories import NOW, CustomerFactory

pytestmark = pytest.mark.django_db

TABLES = ("customers", "follow-ups", "orders")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """A storage of this test alone, and tables of several parts."""
    private = settings.PRIVATE_STORAGE | {"OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"private": private}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "BATCH", 2)
        patch.setattr(formats.Csv, "part_rows", 4)
        yield tmp_path / "files"


@pytest.fixture
def small(monkeypatch):
    """Each part becomes a piece."""
    monkeypatch.setattr(EXPORT, "piece", 1)


def paths(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def slice_by_slice(*names):
    """Its job, after as many tasks as it has slices."""
    job, tasks = ask(*names), 0
    while jobs.work(now=NOW, seconds=0).is_unfinished:
        tasks += 1
        assert tasks < 50
    job.refresh_from_db()
    return job, tasks


@pytest.mark.parametrize("names", [TABLES[:1], TABLES])
def test_it_is_the_same_file_however_it_was_cut(names, monkeypatch):
    CustomerFactory.create_batch(18)
    whole = exported(*names)
    monkeypatch.setattr(EXPORT, "piece", 1)

    job, tasks = slice_by_slice(*names)

    made = job.result
    assert (whole.further_pieces, made.further_pieces > 3) == (0, True)
    assert tasks > made.further_pieces
    assert content(made) == content(whole)
    assert made.size == whole.size == len(content(made))
    answer = browser().get(f"/files/{made.pk}/")
    assert answer.getvalue() == content(whole)
    assert answer["Content-Length"] == str(whole.size)


def test_a_file_that_a_purge_took_half_made_is_made_anew(small, folder):
    CustomerFactory.create_batch(9)
    job = ask("customers")
    while len(job.position.get("packed", {}).get("digests", [])) < 2:
        jobs.work(now=NOW, seconds=0)
        job.refresh_from_db()
    files.delete_pieces(job.position["packed"]["key"], 2)

    while jobs.work(now=NOW, seconds=0).is_unfinished:
        pass

    job.refresh_from_db()
    assert len(lines_of(content(job.result))) == 9


def test_a_zip_of_pieces_holds_what_each_table_holds(small):
    CustomerFactory.create_batch(9)

    found = files_in(content(exported(*TABLES)))

    assert list(found) == ["customers.csv", "orders.csv", "follow-ups.csv"]
    assert len(lines_of(found["customers.csv"])) == 9
    assert found["orders.csv"].startswith(b"\xef\xbb\xbforder_id,")


@pytest.mark.django_db(transaction=True)
def test_all_pieces_go_with_their_file_and_not_before(small, folder):
    CustomerFactory.create_batch(9)
    made = exported("customers")
    kept = len(paths(folder))

    files.purge(now=NOW + timedelta(days=2))
    assert len(paths(folder)) == kept == 1 + made.further_pieces > 2

    retention.purge(now=made.kept_until + timedelta(seconds=1))
    assert paths(folder) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_written_of_a_file_goes_when_its_job_is_cancelled(small, folder):
    CustomerFactory.create_batch(9)
    job = ask("customers")
    while not job.position.get("packed", {}).get("digests"):
        jobs.work(now=NOW, seconds=0)
        job.refresh_from_db()
    # What a worker wrote that was killed before it could say so.
    files.store_piece(job.position["packed"]["key"], 1, (folder / "mark").open("w+b"))
    (folder / "mark").unlink()

    jobs.cancel(job, now=NOW)
    jobs.work(now=NOW, seconds=0)

    assert not StoredFile.objects.exists()
    assert paths(folder) == []
