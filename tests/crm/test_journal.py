"""The journal beside the database: numbered, synced, torn lines, many at once."""

import errno
import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from crm.models import JournalGap, JournalState
from crm.rules.choices import HeldReason
from crm.services import journal
from crm.services.journal import files, position
from local.embedded.paths import BASE_DIR

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

# Appends by another process, as a second worker would.
APPEND = """
import os, sys
from datetime import UTC, datetime
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.conf import settings
from pathlib import Path
settings.JOURNAL_FOLDER = Path(sys.argv[1])
from crm.services.journal import files
for number in range(200):
    files.append("test", [{"who": sys.argv[2], "number": number}],
                 now=datetime.now(UTC), sync=False)
"""


@pytest.fixture
def folder(settings, tmp_path):
    settings.JOURNAL_FOLDER = tmp_path / "journal"
    return settings.JOURNAL_FOLDER


def write(kind="test", *, now=NOW, **more):
    return files.append(kind, [{"id": 1}], now=now, **more)


def numbers():
    return [entry.number for entry in files.entries()]


def test_lines_are_numbered_and_read_back_as_they_were_written(folder):
    written = [write("a"), write("b", kept=1), write("c")]

    assert list(files.entries()) == written
    assert [(entry.number, entry.kept) for entry in written] == [(1, 0), (2, 1), (3, 1)]
    assert list(files.entries(after=2)) == [written[2]]
    assert oct((folder / "2026-11.jsonl").stat().st_mode & 0o777) == "0o600"


def test_a_line_is_on_the_disk_when_it_is_written(folder, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), real(file)))

    write()
    write()
    write(sync=False)

    # The folder once, so that the name of the new file is there; then each line.
    assert len(synced) == 3


@pytest.mark.parametrize("cut", [1, 7, 40])
def test_a_torn_last_line_is_skipped_and_nothing_is_glued_to_it(folder, cut):
    write()
    write()
    path = folder / "2026-11.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    first_left = numbers()

    write("after")

    assert first_left == ([1, 2] if cut == 1 else [1])
    assert numbers() == [*first_left, first_left[-1] + 1]


def test_a_line_longer_than_what_is_read_at_once_is_found_again(folder):
    files.append("long", [{"id": one} for one in range(40_000)], now=NOW)

    assert write().number == 2


def test_a_new_month_begins_a_file_and_the_numbers_go_on(folder):
    write()
    write(now=datetime(2026, 12, 1, tzinfo=UTC))
    write(now=NOW)  # the clock was set back

    assert numbers() == [1, 2, 3]
    assert sorted(path.name for path in folder.glob("*.jsonl")) == [
        "2026-11.jsonl",
        "2026-12.jsonl",
    ]


@pytest.mark.slow
def test_two_processes_append_without_losing_or_mixing_a_line(folder):
    command = [sys.executable, "-c", APPEND, str(folder)]
    both = [
        subprocess.Popen([*command, name], cwd=BASE_DIR, env=dict(os.environ))
        for name in ("a", "b")
    ]

    assert [one.wait(60) for one in both] == [0, 0]
    found = list(files.entries())
    assert [entry.number for entry in found] == list(range(1, 401))
    assert {(e.rows[0]["who"], e.rows[0]["number"]) for e in found} == {
        (who, number) for who in "ab" for number in range(200)
    }


def full(monkeypatch, after=20):
    """The disk takes a part of the line and then no more."""
    real = os.write

    def write(file, data):
        if not data.startswith((b"{", b"\n{")):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data[:after])

    monkeypatch.setattr(files.os, "write", write)


def test_what_a_full_disk_took_of_a_line_is_taken_back(folder, monkeypatch):
    write()
    with monkeypatch.context() as patch:
        full(patch)
        with pytest.raises(journal.JournalUnwritable):
            write()

    assert write().number == 2
    assert all(json.loads(line) for line in (folder / "2026-11.jsonl").open())


@pytest.mark.django_db
def test_on_a_full_disk_the_entry_waits_in_the_database_and_the_log_reports_it(
    folder, monkeypatch, caplog
):
    with monkeypatch.context() as patch:
        full(patch)
        journal.record("test", {"id": 7}, now=NOW)
        still_full = journal.fill_gaps()
    waiting = JournalGap.objects.count()

    filled = journal.fill_gaps()

    assert (still_full, waiting, filled) == (0, 1, 1)
    assert [(entry.kind, entry.rows) for entry in files.entries()] == [
        ("test", [{"id": 7}])
    ]
    assert not JournalGap.objects.exists()
    assert "cannot be written" in caplog.text


# --- The position --------------------------------------------------------------------


def hand_over():
    entry = write("handed")
    position.advance(entry)
    position.note_kept(entry, now=NOW)
    return entry


@pytest.mark.django_db
def test_the_position_goes_with_the_journal_and_raises_no_alarm(folder):
    hand_over()
    write("withdrawn")
    position.keep_up(now=NOW)
    position.keep_up(now=NOW)

    assert not position.look(now=NOW).is_held
    assert position.state().position == 3
    # What the tick itself wrote asks for no further line.
    assert numbers() == [1, 2, 3, 4]


@pytest.mark.django_db
def test_a_database_with_an_older_position_is_held(folder):
    hand_over()
    hand_over()
    JournalState.objects.update(position=1)

    assert position.look(now=NOW).is_held
    assert position.state().held_reason == "older"


@pytest.mark.django_db
def test_an_older_database_under_a_running_worker_lets_nothing_be_handed_over(folder):
    hand_over()
    JournalState.objects.update(position=0)

    with pytest.raises(position.DatabaseIsOlder):
        hand_over()


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [1, 2])
def test_a_kill_in_the_middle_of_a_hand_over_is_no_alarm(folder, steps):
    hand_over()
    entry = write("handed")
    if steps == 2:
        position.advance(entry)

    assert not position.look(now=NOW).is_held
    hand_over()


@pytest.mark.django_db
def test_a_journal_that_ends_before_the_position_is_another_one(folder):
    hand_over()
    JournalState.objects.update(position=50)

    with pytest.raises(position.JournalIsMissing):
        position.look(now=NOW)


@pytest.mark.django_db
def test_a_release_ends_the_hold_and_takes_the_journal_as_it_is(folder):
    hand_over()
    JournalState.objects.update(position=0)
    position.look(now=NOW)

    position.release(now=NOW)

    assert not position.look(now=NOW).is_held
    hand_over()


@pytest.mark.django_db
def test_a_held_database_stays_where_its_copy_ended(folder):
    """There the replay begins, however much is written meanwhile."""
    hand_over()
    position.hold(HeldReason.RESTORED, now=NOW)
    before = position.state().position
    entry = write()

    position.keep_up(now=NOW)

    assert position.state().position == before
    with pytest.raises(position.DatabaseIsOlder):
        position.advance(entry)
