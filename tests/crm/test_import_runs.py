"""A run from outside: the commands, Ctrl-C, kill -9, and two at once."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from crm.errors import ImportIsRunning
from crm.models import AuditEntry, ImportRun, Order, OrderLine
from crm.services.imports import orders, parts, run_lock, slices
from tests.crm.importing import (
    ORDER_HEADER,
    counts,
    file_of,
    physical_rows,
    stored_lines,
    take_orders,
)

ROOT = Path(__file__).resolve().parents[2]
REAL_COMMITS = pytest.mark.django_db(transaction=True)
KEYS = ["read", "accepted", "refused", "created", "updated", "unchanged",
        "refused_by_reason", "notes", "proposals", "encoding", "seconds"]  # fmt: skip

# Loads in slices of 200 lines and says when each one stands.
SLOW_IMPORT = """
import django
django.setup()
from django.core.management import call_command
from crm.services.imports import orders, running
orders.SLICE_LINES = 200
load = running._load
def say(*args):
    part = load(*args)
    print("slice", flush=True)
    return part
running._load = say
call_command("import_orders", FILE, create_customers=True)
"""


def lines(count=2_000):
    """Orders of five lines, every eleventh line bad, one order in two places."""
    text = [
        f"O{n // 5:04},C{n // 5 % 37},2026-05-{n // 5 % 28 + 1:02},S{n % 50},"
        f"{0 if n % 11 == 0 else n % 4 + 1},{n % 90}.5"
        for n in range(count)
    ]
    return ORDER_HEADER + "\n".join([*text, text[1]]) + "\n"


def run(*arguments, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_the_last_line_of_the_output_is_one_object_with_the_known_keys(db, tmp_path):
    path = file_of(tmp_path, ORDER_HEADER + "O1,C1,2026-05-01,T,1,1\nO2,,x,T,1,1\n")

    out, err = run("import_orders", str(path), "--create-customers", "--json")

    report = json.loads(out.splitlines()[-1])
    assert list(report) == KEYS
    assert report["read"] == report["accepted"] + report["refused"] == 2
    assert report["refused_by_reason"] == {"customer_missing": 1}
    assert "customer_missing: The customer id is empty." in err


def test_columns_are_mapped_from_the_command_line(db, tmp_path):
    path = file_of(tmp_path, "nr,nom\nC1,Dana\n")

    out, _ = run("import_customers", str(path), "--map", "external_id=nr",
                 "--map", "given_name=nom", "--json")  # fmt: skip

    assert json.loads(out)["created"] == 1


def test_an_unusable_file_is_an_error_of_the_command(db, tmp_path):
    with pytest.raises(CommandError, match="The file is empty"):
        run("import_orders", str(file_of(tmp_path, "")))


def test_a_field_mapped_twice_is_an_error_of_the_command(db, tmp_path):
    path = file_of(tmp_path, "a,b\n1,2\n")

    with pytest.raises(CommandError, match="mapped twice"):
        run("import_customers", str(path), "--map", "external_id=a", "--map",
            "external_id=b")  # fmt: skip


def test_the_run_is_audited_as_the_action_of_a_command(db, tmp_path):
    path = file_of(tmp_path, "external_id\nC1\n")
    run("import_customers", str(path))

    entries = AuditEntry.objects.filter(subject=f"import:{ImportRun.objects.get().pk}")
    assert list(entries.order_by("id").values_list("action", "via")) == [
        ("import.started", "command"),
        ("import.done", "command"),
    ]


def test_ctrl_c_leaves_whole_slices_and_marks_the_run_cancelled(
    db, tmp_path, monkeypatch
):
    monkeypatch.setattr(orders, "SLICE_LINES", 200)
    path = file_of(tmp_path, lines())

    def interrupt(done, total):
        if done >= 600:
            raise KeyboardInterrupt

    report = take_orders(path, create_customers=True, progress=interrupt)

    stored = ImportRun.objects.get()
    assert stored.state == "cancelled"
    assert 0 < report.read < 2_001
    assert OrderLine.objects.count() == report.accepted == stored.accepted
    finished = take_orders(path, create_customers=True)
    assert finished.unchanged == report.accepted


def test_a_file_of_bad_rows_is_handed_on_in_portions(db, tmp_path, monkeypatch):
    monkeypatch.setattr(slices, "MOST_REFUSALS", 100)
    monkeypatch.setattr(parts, "FIRST_ROWS", 2_000)
    rejects, done = tmp_path / "rejects.csv", []

    report = take_orders(
        file_of(tmp_path, lines(1_000)),
        rejects=rejects,
        progress=lambda rows, total: done.append((rows, total)),
    )

    assert report.read == report.refused == 1_001
    assert len(rejects.read_text().splitlines()) == 1_002
    assert done == [(n, 1_001) for n in (*range(100, 1_001, 100), 1_001)]


@pytest.mark.slow
@pytest.mark.pipeline
@REAL_COMMITS
@pytest.mark.faults
def test_killed_in_the_middle_it_completes_to_the_same_rows(tmp_path):
    path = file_of(tmp_path, lines())
    killed = start_import(path)
    for _ in range(3):
        assert killed.stdout.readline() == b"slice\n"
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    killed.stdout.close()

    standing = Order.objects.count()
    assert 0 < standing < 400
    assert not [order for order in Order.objects.all() if not order.lines.exists()]
    take_orders(path, create_customers=True)
    after_kill = stored_lines()
    assert [run.state for run in ImportRun.objects.order_by("id")] == ["failed", "done"]

    take_orders(path, create_customers=True, source="whole")
    uninterrupted = [row[1:] for row in stored_lines() if row[0] == "whole"]
    assert [row[1:] for row in after_kill] == uninterrupted


@REAL_COMMITS
def test_the_same_file_again_leaves_no_dead_row(tmp_path):
    path = file_of(tmp_path, lines(500))
    take_orders(path, create_customers=True)
    before = physical_rows()

    report = take_orders(path, create_customers=True)

    assert report.created == report.updated == 0
    assert physical_rows() == before


@REAL_COMMITS
def test_two_imports_of_one_kind_and_source_are_not_run_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(run_lock, "LOCK_TRIES", 1)
    path = file_of(tmp_path, lines(10))
    with psycopg.connect(address(), autocommit=True) as other:
        other.execute(
            "SELECT pg_advisory_lock(hashtextextended('import:orders:main', 0))"
        )
        with pytest.raises(ImportIsRunning):
            take_orders(path, create_customers=True)
        assert counts(take_orders(path, create_customers=True, source="web"))[0] > 0
    assert not Order.objects.filter(source="main").exists()


@REAL_COMMITS
def test_an_import_that_lost_its_lock_goes_no_further(tmp_path, monkeypatch):
    monkeypatch.setattr(orders, "SLICE_LINES", 200)
    path = file_of(tmp_path, lines())

    def lose_the_lock(done, total):
        with psycopg.connect(address(), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(l.pid, 5000) FROM pg_locks l"
                " JOIN pg_database d ON d.oid = l.database"
                # Other processes of the tests hold such locks in their own databases.
                " WHERE l.locktype = 'advisory' AND d.datname = current_database()"
            )

    with pytest.raises(OperationalError):
        take_orders(path, create_customers=True, progress=lose_the_lock)

    run = ImportRun.objects.get()
    assert run.state == "failed"
    assert 0 < run.read < 2_001


def start_import(path):
    return subprocess.Popen(
        [sys.executable, "-c", SLOW_IMPORT.replace("FILE", repr(str(path)))],
        env={**os.environ, "DATABASE_URL": address(),
             "DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def address():
    at = connection.settings_dict
    return f"postgresql://{at['USER']}@/{at['NAME']}?host={at['HOST']}"
