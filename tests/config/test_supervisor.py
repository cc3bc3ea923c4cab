"""The one-command run: it starts everything, survives falls, leaves nothing behind."""

import contextlib
import http.client
import signal
import socket

import pytest

from tests.config.processes import (
    family,
    finish,
    python,
    read_until,
    survivors,
    wait_for,
)

READY = "Ctrl-C stops everything"
# What a first run leaves, but for the long demo: tables and a user.
FIRST_RUN = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from crm.models import User
User.objects.create(email="owner@shop.example", name="Owner", role="owner")
from config.embedded import var_folder
from config.supervisor import migrations
migrations.remember(var_folder())
"""


@pytest.fixture(scope="module")
def installed(folder):
    var = folder / "installed"
    finish(python(var, "manage.py", "shell", "--command", FIRST_RUN))
    return var


@pytest.fixture(scope="module")
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def run(installed, port):
    """Start the supervisor; whatever a failed test leaves is killed."""
    with contextlib.ExitStack() as stack:

        def start():
            process = python(installed, "-m", "config.supervisor", PORT=str(port))
            stack.callback(process.kill)
            return process

        yield start


def status(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    return None


def child(process, word):
    """The child whose command line has the word; its own children not counted."""
    return next(
        found
        for found in family(process.pid)[1:]
        if found.ppid() == process.pid and word in " ".join(found.cmdline())
    )


def test_kill_leaves_nothing_and_the_next_start_serves(run, port):
    killed = run()
    read_until(killed, READY)
    everyone = family(killed.pid)
    killed.send_signal(signal.SIGKILL)
    next_one = run()
    read_until(next_one, READY)

    assert len(everyone) > 8
    assert survivors(everyone) == []
    assert status(port) is not None
    everyone = family(next_one.pid)
    next_one.send_signal(signal.SIGINT)
    assert next_one.wait(40) == 0
    assert survivors(everyone, seconds=1) == []


def test_what_falls_is_started_again(run, port):
    process = run()
    shown = read_until(process, READY)
    for word in ("gunicorn", "celery", "postgres"):
        child(process, word).kill()
    news = read_until(process, "web is started again")

    assert "sign in as you did before" in shown
    assert "web ended (signal 9" in news
    assert wait_for(lambda: status(port) is not None, 30)
    assert child(process, "postgres").is_running()
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0


def test_a_second_run_in_one_folder_is_refused(run):
    first = run()
    read_until(first, "database and broker")
    second = run()

    assert "already runs from this folder" in second.communicate(timeout=30)[0]
    assert second.returncode == 1
    first.send_signal(signal.SIGINT)
    assert first.wait(40) == 0


def test_a_taken_port_is_named_with_who_has_it(run, port):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        process = run()
        said = process.communicate(timeout=30)[0]

    assert process.returncode == 1
    assert f"Port {port} is taken by process " in said
    assert f"PORT={port + 1} script/server" in said


@pytest.mark.parametrize("value", ["web", "0", "65536"])
def test_a_port_that_is_none_is_refused(folder, value):
    process = python(folder / "unused", "-m", "config.supervisor", PORT=value)

    assert "PORT must be a number" in process.communicate(timeout=30)[0]
    assert process.returncode == 1
