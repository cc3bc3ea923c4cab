"""The private servers: start, join, survive a kill, leave nothing behind."""

import contextlib
import os
import shutil
import signal
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from django.db import connection

from local.embedded import database_url, redis_url, start_for_tests
from local.embedded.errors import NotOurs
from local.embedded.paths import Account, private_folder, socket_folder
from tests.local.processes import (
    ask,
    family,
    finish,
    of_each,
    python,
    survivors,
    talker,
    wait_for,
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to step down")


def server(processes, name):
    return next(process for process in processes if process.name() == name)


def test_tests_run_on_a_real_postgresql(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")

        assert cursor.fetchone()[0].startswith("PostgreSQL")


# --- Addresses -----------------------------------------------------------------------


def test_addresses_are_computed_and_start_nothing(var, monkeypatch):
    monkeypatch.setenv("PERENNIAL_VAR", str(var))

    assert database_url() == f"postgresql://crm@:5432/perennial?host={var}/run"
    assert redis_url() == f"redis+socket://{var}/run/valkey.sock?virtual_host=0"
    assert not var.exists()


@pytest.mark.parametrize("name", ["with a space", "x" * 100, "naïve", "a,b"])
def test_sockets_move_where_a_path_would_need_quoting(name):
    sockets = socket_folder(Path("/srv") / name)

    assert sockets.parent == Path("/tmp")
    assert sockets == socket_folder(Path("/srv") / name)
    assert sockets != socket_folder(Path("/srv") / name / "other")


def test_a_link_in_the_place_of_the_socket_folder_is_refused(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)

    with pytest.raises(NotOurs):
        private_folder(tmp_path / "link", Account("x", os.geteuid(), os.getegid()))


# --- Life and death ------------------------------------------------------------------


@pytest.mark.slow
def test_servers_live_as_long_as_the_command_that_started_them(shared_var):
    owner = talker(shared_var)
    servers = family(owner.pid)

    assert {"postgres", "valkey-server"} <= of_each(servers, psutil.Process.name)
    assert ask(owner, "SELECT 1") == "SELECT 1"
    finish(owner)
    assert survivors(servers, seconds=1) == []


def test_a_guest_is_waited_for(shared_var):
    owner = talker(shared_var)
    guest = talker(shared_var)
    owner.stdin.close()

    assert "waiting" in owner.stdout.readline()
    assert ask(guest, "SELECT 1") == "SELECT 1"
    finish(guest)
    assert owner.wait(20) == 0


def test_four_starters_at_once_share_one_pair_of_servers(shared_var):
    with ThreadPoolExecutor(4) as pool:
        talkers = list(pool.map(lambda _: talker(shared_var), range(4)))
    answers = [ask(process, "SELECT 1") for process in talkers]
    owners = [process for process in talkers if len(family(process.pid)) > 1]
    for process in talkers:
        process.stdin.close()

    assert answers == ["SELECT 1"] * 4
    assert len(owners) == 1
    assert [process.wait(20) for process in talkers] == [0] * 4


def test_a_killed_command_leaves_no_process_and_no_gap(shared_var):
    killed = talker(shared_var)
    ask(killed, "CREATE TABLE IF NOT EXISTS kept (n int)")
    ask(killed, "INSERT INTO kept VALUES (41)")
    servers = family(killed.pid)
    killed.send_signal(signal.SIGKILL)
    next_one = talker(shared_var)

    assert survivors(servers) == []
    assert ask(next_one, "SELECT n FROM kept") == "SELECT 1"
    finish(next_one)


def test_servers_killed_with_their_command_recover(shared_var):
    killed = talker(shared_var)
    ask(killed, "CREATE TABLE survives AS SELECT 41 AS n")
    for process in reversed(family(killed.pid)):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    # As after a crash in a container: the number is in use again, by somebody else.
    pid_file = shared_var / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    next_one = talker(shared_var)

    assert ask(next_one, "SELECT n FROM survives") == "SELECT 1"
    finish(next_one)


def test_ctrl_c_reaches_the_command_and_not_the_servers(shared_var):
    owner = talker(shared_var)
    servers = family(owner.pid)[1:]

    groups = of_each(servers, lambda process: os.getpgid(process.pid))
    assert groups
    assert owner.pid not in groups
    owner.send_signal(signal.SIGINT)
    owner.wait(60)
    assert survivors(servers) == []


# --- Who may read what ---------------------------------------------------------------


def test_two_first_starts_agree_on_one_key(var):
    code = "from local.embedded import secret_key; print(secret_key())"
    starters = [python(var, "-c", code) for _ in range(3)]
    keys = {finish(starter).strip() for starter in starters}

    assert len(keys) == 1
    assert len(keys.pop()) > 60
    assert stat.S_IMODE((var / "secret_key").stat().st_mode) == 0o600


def test_sockets_and_data_are_closed_to_others(shared_var):
    owner = talker(shared_var)
    folders = [shared_var / name for name in ("run", "postgres")]
    modes = [stat.S_IMODE(folder.stat().st_mode) for folder in folders]
    finish(owner)

    assert modes == [0o700, 0o700]


@as_root
def test_root_steps_down_also_where_the_servers_cannot_reach(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    owner = talker(closed / "var")
    home = (closed / "var" / "servers").resolve()
    servers = family(owner.pid)[1:]
    finish(owner)
    shutil.rmtree(home)

    assert home.parent == Path("/var/lib/perennial")
    assert all(not psutil.pid_exists(process.pid) for process in servers)


@as_root
def test_no_server_runs_as_root(shared_var):
    owner = talker(shared_var)
    users = of_each(family(owner.pid)[1:], lambda process: process.uids().real)
    finish(owner)

    assert users
    assert 0 not in users


# --- Servers for tests ---------------------------------------------------------------


def test_throw_away_servers_leave_no_file():
    servers = start_for_tests()
    home = servers.places.home
    servers.stop()

    assert not home.exists()


@pytest.mark.slow
def test_the_folder_of_a_killed_run_is_removed_by_the_next():
    code = (
        "import sys; from local.embedded import start_for_tests;"
        "print(start_for_tests().places.home, flush=True); sys.stdin.read()"
    )
    killed = python(Path("/nowhere"), "-c", code)
    home = Path(killed.stdout.readline().strip())
    servers = family(killed.pid)
    killed.kill()
    gone = survivors(servers)
    start_for_tests().stop()

    assert gone == []
    assert wait_for(lambda: not home.exists(), 1)


def test_a_statement_that_fails_is_not_written_into_the_servers_log(db):
    """Its values are mails with live links."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('log_min_error_statement'),"
            " current_setting('log_error_verbosity')"
        )

        assert cursor.fetchone() == ("panic", "terse")
