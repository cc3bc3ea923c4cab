"""The first run: it answers at once, shows its progress, and begins anew if needed."""

import re
import signal
import threading
import time
import urllib.request

import pytest

from local.supervisor.first_run import Login, read_login
from tests.local.processes import finish, python, read_until
from tests.migrated_cluster import copy_to
from tests.ports import free_port

HALF_A_DEMO = """
import psycopg
from local.embedded import database_url, ensure, var_folder
from local.supervisor.first_run import set_half_a_demo_aside

with ensure():
    with psycopg.connect(database_url()) as connection:
        connection.execute("CREATE TABLE crm_apitoken (id int)")
        connection.execute("CREATE TABLE crm_user (email text, last_login timestamptz)")
        connection.execute("INSERT INTO crm_user VALUES ({user})")
    (var_folder() / "demo-unfinished").touch()
    set_half_a_demo_aside(database_url(), var_folder())
    with psycopg.connect(database_url()) as connection:
        print(connection.execute("SELECT to_regclass('crm_user')").fetchone())
        print(connection.execute("SELECT datname FROM pg_database").fetchall())
print((var_folder() / "demo-unfinished").exists())
"""
OWNER = "'owner@kettle-and-leaf.example', "


def after(var, user):
    return finish(python(var, "-c", HALF_A_DEMO.format(user=user)))


@pytest.mark.slow
def test_half_a_demo_is_set_aside_and_not_lost(var):
    output = after(var, OWNER + "NULL")

    assert "(None,)" in output
    # A row of pg_database, not the line that announces it.
    assert "('perennial_unfinished_" in output
    assert output.endswith("False\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    "user", [OWNER + "now()", "'me@shop.example', NULL"], ids=["signed in", "another"]
)
def test_it_stays_where_somebody_has_moved_in(var, user):
    output = after(var, user)

    assert "in use and stays" in output
    assert "('crm_user',)" in output


def test_the_login_is_the_last_line_of_a_command():
    output = 'a warning\n{"login": "owner@shop.example", "password": "abc"}\n'

    assert read_login(output) == Login("owner@shop.example", "abc")


# --- As a stranger sees it ------------------------------------------------------------

# No one watches a line without progress for longer than that.
QUIET_AT_MOST = 90
LONGEST = 600


@pytest.fixture
def first_run(var):
    started = []

    def start(*words):
        port = free_port()
        words = ("-m", "local.supervisor", *words)
        process = python(var, *words, PORT=str(port))
        limit = threading.Timer(LONGEST, process.kill)
        limit.start()
        started.append((process, limit))
        return process, port

    yield start
    for process, limit in started:
        limit.cancel()
        process.send_signal(signal.SIGINT)
        process.wait(60)


def page(port, path="/login/"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return answer.status, answer.read().decode()


@pytest.mark.slow
def test_the_owner_may_sign_in_while_the_sample_shop_is_filled(first_run, var):
    # Its tables are there: that they are made is seen below, and takes a minute.
    var.mkdir(mode=0o755)
    copy_to(var)
    process, port = first_run()
    text = read_until(process, "is being filled")
    status, _ = page(port)
    is_half = (var / "demo-unfinished").exists()
    longest, at = 0.0, time.monotonic()
    for line in process.stdout:
        longest, at = max(longest, time.monotonic() - at), time.monotonic()
        text += line
        if "Ctrl-C stops everything" in line:
            break

    assert (status, is_half) == (200, True)
    assert re.search(r"password   \S{16} ", text.partition("is being filled")[0])
    assert re.search(r"day \d+ of 40", text)
    assert "filled in" in text
    assert "worker and beat" in text.partition("filled in")[2]
    assert longest < QUIET_AT_MOST
    assert not (var / "demo-unfinished").exists()


@pytest.mark.slow
def test_an_empty_shop_has_an_owner_and_nothing_else(first_run):
    process, port = first_run("--empty", "ana@shop.example")
    text = read_until(process, "Ctrl-C stops everything")

    assert "sign in as ana@shop.example" in text
    assert "sample shop" not in text
    assert page(port)[0] == 200
