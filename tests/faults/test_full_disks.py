"""F25, F26: no space, no inodes, read-only, few open files. Each ends in words, leaves
nothing half, and what waited goes on by itself once there is room."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from crm.models import Customer, ImportRun
from messaging.models import Circuit, Message
from messaging.rules.choices import Transport
from messaging.services import circuit, leases
from messaging.services.delivery import journal
from messaging.services.delivery.journal import Journal
from tests.faults.disks import fill, read_only, small_disk, use_up_inodes, writable
from tests.local.processes import environment
from tests.messaging.delivering import NOW, plan_many, run, states

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]


# --- The journal of the deliverers ---------------------------------------------------


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", "size=256k,nr_inodes=40") as folder:
        yield folder


def no_space(disk):
    ballast = fill(disk)
    return ballast.unlink


def no_inodes(disk):
    made = use_up_inodes(disk)

    def mend():
        # The journal, its lock, and the file of the deliverer.
        for path in made[:3]:
            path.unlink()

    return mend


def no_writing(disk):
    read_only(disk)
    return lambda: writable(disk)


@pytest.mark.django_db
@pytest.mark.usefixtures("plain_kind")
@pytest.mark.parametrize("fault", [no_space, no_inodes, no_writing])
def test_without_a_journal_no_mail_leaves_and_all_go_when_there_is_room(
    sink, settings, disk, fault
):
    settings.JOURNAL_FOLDER = disk / "journal"
    settings.JOURNAL_FOLDER.mkdir()
    plan_many(12)
    mend = fault(disk)

    for _ in range(8):
        run()
        leases.sweep_leases(now=NOW)
        circuit.try_now(Transport.SMTP, now=NOW)
    held = states()
    why = Circuit.objects.get().reason_code
    blamed = Message.objects.filter(attempts__gt=0).count()
    nobody = list(sink.recipients)
    mend()
    run()

    assert (held, why, blamed, nobody) == (
        {"planned": 12},
        "journal_unwritable",
        0,
        [],
    )
    assert states() == {"sent": 12}
    assert len(set(sink.recipients)) == len(sink.recipients) == 12
    assert Circuit.objects.get().state == "closed"


@pytest.mark.django_db
@pytest.mark.usefixtures("plain_kind")
@pytest.mark.parametrize("line", ["dot", "accepted"])
def test_a_disk_that_fills_in_the_middle_of_a_group_leaves_no_mail_in_doubt(
    sink, settings, monkeypatch, line
):
    """The fourth line of that sort is written by half, as a full disk does."""
    plan_many(10)
    real, seen = os.write, []

    def write(file, data):
        if data.startswith(f"{line} ".encode()):
            seen.append(data)
            if len(seen) >= 4:
                return real(file, data[:2])
        return real(file, data)

    monkeypatch.setattr(journal.os, "write", write)
    run()
    first = states()
    monkeypatch.setattr(journal.os, "write", real)
    circuit.try_now(Transport.SMTP, now=NOW)
    run()

    assert first == {"sent": 3 if line == "dot" else 4, "planned": 10 - first["sent"]}
    assert states() == {"sent": 10}
    assert len(set(sink.recipients)) == len(sink.recipients) == 10


def test_after_half_a_line_nothing_is_added_that_could_be_misread(
    settings, tmp_path, monkeypatch
):
    settings.JOURNAL_FOLDER = tmp_path
    log, token = Journal(), "8a1c0b7e-1111-4222-8333-444455556666"
    log.took(token, [1, 2])
    real = os.write
    monkeypatch.setattr(journal.os, "write", lambda file, data: real(file, data[:3]))
    with pytest.raises(journal.JournalUnwritable):
        log.dotting(1)
    monkeypatch.setattr(journal.os, "write", real)
    with pytest.raises(journal.JournalUnwritable):
        log.dotting(2)
    log.close(settled=False)

    (trace,) = journal.traces()
    assert set(trace.fates.values()) == {journal.Fate.UNTOUCHED}


@pytest.mark.django_db
@pytest.mark.usefixtures("plain_kind")
def test_journals_on_a_disk_that_became_read_only_are_still_believed(
    sink, settings, disk
):
    settings.JOURNAL_FOLDER = disk / "journal"
    first = plan_many(1)[0]
    token = "8a1c0b7e-1111-4222-8333-444455556666"
    Message.objects.update(
        state="handed", claim_token=token, lease_until="2000-01-01T00:00Z"
    )
    log = Journal()
    log.took(token, [first.pk])
    log.dotting(first.pk)
    log.accepted(first.pk)
    log.close(settled=False)
    read_only(disk)

    leases.sweep_leases(now=NOW)
    leases.sweep_leases(now=NOW)

    assert states() == {"sent": 1}


# --- Imports -------------------------------------------------------------------------


@pytest.mark.django_db
def test_rejects_that_do_not_fit_end_the_import_in_words_and_leave_no_half_file(
    tmp_path, disk
):
    source, rejects = tmp_path / "in.csv", disk / "rejects.csv"
    source.write_text("external_id,email\n" + ",x\n" * 30_000)

    with pytest.raises(CommandError, match=r"No space left.*import the file again"):
        call_command("import_customers", str(source), rejects=rejects)
    state = ImportRun.objects.get().state
    left = sorted(path.name for path in disk.iterdir())
    call_command("import_customers", str(source), rejects=tmp_path / "rejects.csv")

    assert state == "failed"
    assert left == []
    assert len((tmp_path / "rejects.csv").read_text().splitlines()) == 30_001


@pytest.mark.django_db
def test_earlier_rejects_stay_whole_where_new_ones_do_not_fit(tmp_path, disk):
    source, rejects = tmp_path / "in.csv", disk / "rejects.csv"
    rejects.write_text("of an earlier run\n")
    source.write_text("external_id,email\n" + ",x\n" * 30_000)

    with pytest.raises(CommandError):
        call_command("import_customers", str(source), rejects=rejects)

    assert rejects.read_text() == "of an earlier run\n"


@pytest.mark.django_db
def test_an_import_without_room_to_work_says_so_and_works_afterwards(
    tmp_path, disk, settings
):
    """What was read is kept there in parts; nothing comes in before all of it is."""
    fill(disk)
    settings.WORK_FOLDER = disk
    source = tmp_path / "in.csv"
    source.write_text(
        "external_id,email\n"
        + "".join(f"C{number},c{number}@example.org\n" for number in range(2_000))
    )

    with pytest.raises(CommandError, match="There is no room for the rows"):
        call_command("import_customers", str(source))
    assert Customer.objects.count() == 0

    for left in disk.iterdir():
        left.unlink()
    call_command("import_customers", str(source))
    assert Customer.objects.count() == 2_000


# --- The one-command run reports what is wrong before it starts anything -------------


def start(var: Path, *, shell: str = "") -> subprocess.CompletedProcess[str]:
    command = f"{shell} exec {sys.executable} -m local.supervisor"
    return subprocess.run(
        ["sh", "-c", command],
        cwd=ROOT,
        env=environment(var, PORT="8397"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_clear(done: subprocess.CompletedProcess[str], *words: str) -> None:
    output = done.stdout + done.stderr
    assert done.returncode == 1, output
    assert "Traceback" not in output
    for word in words:
        assert word in output


def test_a_first_run_without_space_is_refused(place):
    with small_disk(place / "disk", "size=50m") as disk:
        assert_clear(start(disk / "var"), "0.1 GB are free", "PERENNIAL_VAR")


def test_a_first_run_without_inodes_is_refused(place):
    with small_disk(place / "disk", "size=900m,nr_inodes=300") as disk:
        assert_clear(start(disk / "var"), "more files can be made", "PERENNIAL_VAR")


def test_a_disk_without_any_inode_or_room_is_reported(place):
    with small_disk(place / "disk", "size=1m,nr_inodes=20") as disk:
        use_up_inodes(disk)
        assert_clear(start(disk / "var"), "No space left on device")


@pytest.mark.parametrize("is_made", [True, False], ids=["made", "not yet made"])
def test_a_read_only_file_system_is_reported(place, is_made):
    with small_disk(place / "disk", "size=1m") as disk:
        if is_made:
            (disk / "var").mkdir()
        read_only(disk)
        assert_clear(start(disk / "var"), str(disk / "var"))


def test_a_limit_of_64_open_files_is_refused_with_the_remedy(place):
    done = start(place / "var", shell="ulimit -Hn 64; ulimit -n 64;")

    assert_clear(done, "Only 64 files may be open", "ulimit -n")
    assert not (place / "var").exists()
