"""The one-command run: it starts everything, survives falls, leaves nothing behind."""

import contextlib
import http.client
import signal
import socket
import threading

import psutil
import pytest

from local.embedded.paths import Paths
from local.embedded.programs import postgres_bin
from tests.local.processes import (
    dump_tables,
    family,
    finish,
    is_gone,
    python,
    read_until,
    survivors,
    wait_for,
)
from tests.ports import free_port

# The tables come from the tests' own database, which only such a mark brings up.
pytestmark = pytest.mark.django_db

READY = "Ctrl-C stops everything"
# What a first run leaves, but for the long demo: tables and a user.
FIRST_RUN = """
import subprocess, sys
import django
from local.embedded import database_url, ensure, var_folder
from local.supervisor import migrations

psql, dump = sys.argv[1:]
quiet = ["-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1"]
with ensure():
    subprocess.run([psql, *quiet, "-f", dump, database_url()], check=True)
    django.setup()
    from crm.models import User
    User.objects.create_superuser("owner@shop.example", "a long password")
migrations.remember(var_folder())
"""
LONGEST_START = 120


@pytest.fixture(scope="module")
def installed(folder, django_db_setup):
    """The tables of the tests' own database: to migrate once more would take long."""
    var, dump = folder / "installed", dump_tables(folder / "dump.sql")
    programs = postgres_bin(Paths(folder, folder, folder, account=None))
    words = ("-c", FIRST_RUN, str(programs / "psql"), str(dump))
    finish(python(var, *words, DJANGO_SETTINGS_MODULE="config.settings"))
    return var


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture
def run(installed, port):
    """Start the supervisor; whatever a failed test leaves is killed."""
    with contextlib.ExitStack() as stack:

        def start():
            process = python(installed, "-m", "local.supervisor", PORT=str(port))
            stack.callback(process.kill)
            # Whoever waits for words that never come shall not wait for ever.
            limit = threading.Timer(LONGEST_START, process.kill)
            limit.start()
            stack.callback(limit.cancel)
            return process

        yield start


def status(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    return None


def child(process, word):
    """The living child, not grandchild, whose command line has the word."""
    return next(
        found
        for found in psutil.Process(process.pid).children()
        if not is_gone(found) and word in " ".join(found.cmdline())
    )


@pytest.mark.slow
def test_a_killed_run_leaves_nothing_and_the_next_one_serves(run, port):
    killed = run()
    read_until(killed, READY)
    everyone = family(killed.pid)
    killed.send_signal(signal.SIGKILL)
    next_one = run()
    shown = read_until(next_one, READY)

    assert len(everyone) > 8
    assert survivors(everyone) == []
    assert "sign in as you did before" in shown
    assert status(port) is not None
    check_that_a_second_run_is_refused(run)
    check_that_what_falls_is_started_again(next_one, port)
    check_that_ctrl_c_stops_all(next_one)


def check_that_a_second_run_is_refused(run):
    second = run()

    assert "already runs from this folder" in second.communicate(timeout=60)[0]
    assert second.returncode == 1


def check_that_what_falls_is_started_again(process, port):
    fallen = [child(process, word) for word in ("gunicorn", "celery", "postgres")]
    for each in fallen:
        each.kill()
    news = read_until(process, "web is started again")

    assert "web ended (signal 9" in news
    assert wait_for(lambda: status(port) is not None, 60)
    assert child(process, "postgres").pid not in {each.pid for each in fallen}


def check_that_ctrl_c_stops_all(process):
    everyone = family(process.pid)
    process.send_signal(signal.SIGINT)

    assert process.wait(60) == 0
    assert survivors(everyone, seconds=1) == []


@pytest.mark.slow
def test_a_taken_port_is_named_with_who_has_it(run, port):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        process = run()
        text = process.communicate(timeout=30)[0]

    assert process.returncode == 1
    assert f"Port {port} is taken by process " in text
    assert f"PORT={port + 1} script/server" in text


@pytest.mark.parametrize("value", ["web", "0", "65536"])
def test_a_port_that_is_none_is_refused(folder, value):
    process = python(folder / "unused", "-m", "local.supervisor", PORT=value)

    assert "PORT must be a number" in process.communicate(timeout=30)[0]
    assert process.returncode == 1
