"""F28, F29: little memory, the same file twice at once.

FAULTS_IMPORT_ROWS=2000000 script/test tests/faults/test_import_failures.py -s
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from crm.models import Customer, ImportRun, Order, OrderLine
from crm.services import heartbeat
from tests.crm.importing import NOW, ORDER_HEADER, stored_lines, take_orders

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
ROWS = int(os.environ.get("FAULTS_IMPORT_ROWS", "30000"))
# Address space, which is more than what is used: the row of the fault matrix.
MEMORY = 300 * 1024 * 1024


def write_orders(path: Path, rows: int) -> Path:
    with path.open("w") as file:
        file.write(ORDER_HEADER)
        for number in range(rows):
            file.write(
                f"O{number // 3},C{number // 9},2026-05-{number % 28 + 1:02},"
                f"S{number % 500},1,2.50\n"
            )
    return path


def start(path: Path, *, memory: int | None = None) -> subprocess.Popen[str]:
    head, _, query = os.environ["DATABASE_URL"].partition("?")
    name = connection.settings_dict["NAME"]

    def limit() -> None:
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    return subprocess.Popen(
        [
            *(sys.executable, "manage.py", "import_orders", str(path)),
            *("--create-customers", "--json"),
        ],
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": f"{head.rpartition('/')[0]}/{name}?{query}",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            # Each thread's own heap would count as address space, though unused.
            "MALLOC_ARENA_MAX": "2",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )


@pytest.mark.slow
@pytest.mark.pipeline
def test_an_import_of_any_size_works_within_300_megabytes(tmp_path):
    path = write_orders(tmp_path / "orders.csv", ROWS)

    process = start(path, memory=MEMORY)
    out, err = process.communicate(timeout=1200)

    print(f"{path.stat().st_size / 1e6:.0f} MB: {err.splitlines()[:1]}")  # noqa: T201
    assert process.returncode == 0, err
    assert OrderLine.objects.count() == ROWS
    assert ImportRun.objects.get().state == "done"


@pytest.mark.slow
@pytest.mark.pipeline
def test_where_the_memory_does_not_suffice_it_ends_cleanly_and_others_live(tmp_path):
    """One cell of everything that is left: whatever happens, no half order stands."""
    path = tmp_path / "orders.csv"
    path.write_text(ORDER_HEADER + f'O1,C1,2026-05-01,"{"x" * 150_000_000}",1,1\n')

    process = start(path, memory=MEMORY)
    _, err = process.communicate(timeout=120)
    heartbeat.beat("worker", now=NOW)

    assert process.returncode == 1
    assert "CommandError" in err
    assert "Traceback" not in err
    assert Order.objects.count() == Customer.objects.count() == 0


@pytest.mark.slow
@pytest.mark.pipeline
def test_two_processes_with_the_same_file_leave_the_rows_of_one(tmp_path):
    path = write_orders(tmp_path / "orders.csv", 3_000)

    both = [start(path), start(path)]
    ends = [process.communicate(timeout=120) for process in both]
    together = stored_lines()
    codes = [process.returncode for process in both]

    # The second waits a little for the first; where that is not enough it is refused.
    assert 0 in codes
    for code, (_, err) in zip(codes, ends, strict=True):
        assert code == 0 or "is running" in err, err
    assert not ImportRun.objects.exclude(state="done").exists()
    again = take_orders(path, create_customers=True)
    assert (again.created, again.updated) == (0, 0)
    assert len(together) == 3_000
    assert stored_lines() == together
