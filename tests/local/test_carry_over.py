"""A database whose character type is C is carried over at the next start."""

import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from local.embedded.carry_over import NotCarriedOver, _refuse_difference
from tests.local.old_cluster import CUSTOMERS, make_old_cluster
from tests.local.processes import (
    dump_tables,
    family,
    finish,
    python,
    read_until,
    survivors,
)

# The tables come from the tests' own database, which only such a mark brings up.
pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# A start: it prints what it does, then what it found.
START = """
import json, sys, psycopg
from local.embedded import carry_over, character_type, database_url, ensure
{before}
def one(sql):
    return connection.execute(sql).fetchone()[0]
with ensure(lambda line: print(line, flush=True)):
    with psycopg.connect(database_url(), autocommit=True) as connection:
        print(json.dumps({{
            "contents": carry_over.contents(connection),
            "rows": one("SELECT md5(string_agg(c::text, '' ORDER BY id))"
                        " FROM crm_customer c"),
            "type": one("SELECT datctype FROM pg_database"
                        " WHERE datname = current_database()"),
            "trigrams": one("SELECT cardinality(show_trgm('כהן'))"),
            "databases": one("SELECT array_agg(datname::text ORDER BY datname)"
                             " FROM pg_database WHERE NOT datistemplate"),
        }}), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def old_cluster(django_db_setup):
    folder = Path(tempfile.mkdtemp(prefix="perennial-old-"))
    folder.chmod(0o755)
    make_old_cluster(folder / "var", dump_tables(folder / "tables.sql"))
    yield folder / "var"
    shutil.rmtree(folder)


@pytest.fixture
def old_var(old_cluster, var):
    """A copy of it, with its owners: as root the servers run as somebody else."""
    subprocess.run(["cp", "-a", old_cluster, var], check=True)
    return var


def starting(var, before=""):
    return python(var, "-c", START.format(before=before))


def start(var, before=""):
    """Start and stop once. Return the lines it printed, and what it found."""
    *text, found = finish(starting(var, before), 120).splitlines()
    return text, json.loads(found)


OLD_STAYS = "carry_over.is_due = lambda postgres: False"


@pytest.fixture(scope="module")
def before(old_cluster):
    """What the old database holds, looked at without carrying it over."""
    _, found = start(old_cluster, OLD_STAYS)
    return found


def test_the_recipe_makes_what_the_first_versions_made(before):
    assert (before["type"], before["trigrams"]) == ("C", 0)
    assert before["contents"]["public.crm_customer"] == CUSTOMERS


def test_the_next_start_carries_it_over_and_the_one_after_drops_the_old(
    old_var, before
):
    text, after = start(old_var)
    said_next, next_one = start(old_var)

    assert "carrying" in text[0]
    assert "carried over" in text[-1]
    assert after["trigrams"] > 0
    assert after["databases"] == ["perennial", "perennial_before", "postgres"]
    assert (after["contents"], after["rows"]) == (before["contents"], before["rows"])
    assert said_next == [
        "dropped perennial_before: the database carried over is in use"
    ]
    assert next_one["databases"] == ["perennial", "postgres"]
    assert next_one["rows"] == before["rows"]


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("carrying", 0.0),
        ("carrying", 0.4),
        ("carrying", 1.0),
        ("comparing", 0.0),
        ("comparing", 0.1),
        ("carried over", 0.0),
    ],
)
def test_a_kill_at_any_moment_loses_nothing(old_var, before, line, seconds):
    killed = starting(old_var)
    read_until(killed, line)
    time.sleep(seconds)
    everybody = family(killed.pid)
    for process in reversed(everybody):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    gone = survivors(everybody)
    _, after = start(old_var)

    assert gone == []
    assert after["trigrams"] > 0
    assert (after["contents"], after["rows"]) == (before["contents"], before["rows"])
    assert "perennial_next" not in after["databases"]


def test_a_command_that_comes_meanwhile_waits_and_finds_all(old_var, before):
    owner = starting(old_var)
    read_until(owner, "carrying")
    guest = starting(old_var)
    text = [guest.stdout.readline(), guest.stdout.readline()]
    finish(guest)
    owner_said = finish(owner)

    assert "lets nobody in just now" in text[0]
    assert json.loads(text[1])["rows"] == before["rows"]
    assert "carried over" in owner_said


def test_a_disk_without_room_leaves_the_old_one_in_use(old_var, before):
    text, after = start(old_var, "carry_over.AIR = 10**18")

    assert "must be free at" in text[0]
    assert "nothing is lost" in text[1]
    assert after == before


def test_a_copy_that_fails_leaves_the_old_one_in_use(old_var, before):
    # A dump sets no search path: this check cannot find its function there.
    broken = """
import psycopg
from local.embedded.postgres import Postgres
done = Postgres.create_database
def create_database(self):
    done(self)
    with self.connect("perennial") as connection:
        connection.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        connection.execute("CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql"
                           " AS 'BEGIN RETURN f(); END'")
        connection.execute("CREATE TABLE odd (n int CHECK (n = g()))")
        connection.execute("INSERT INTO odd VALUES (1)")
Postgres.create_database = create_database
"""
    text, after = start(old_var, broken)

    assert "could not be carried over" in text[1]
    assert "function f() does not exist" in text[1]
    assert (after["type"], after["rows"]) == ("C", before["rows"])
    assert "perennial_next" not in after["databases"]


@pytest.mark.parametrize(
    "new", [{"public.a": 2}, {"public.a": 1, "public.b": 0}, {}], ids=str
)
def test_a_difference_is_named(new):
    with pytest.raises(NotCarriedOver, match=r"public\.[ab] differs"):
        _refuse_difference({"public.a": 1}, new)


# --- New clusters --------------------------------------------------------------------

FIND = """
import psycopg
from local.embedded import character_type, database_url, ensure
character_type.NAMES = {names}
with ensure(print), psycopg.connect(database_url(), autocommit=True) as connection:
    connection.execute("CREATE EXTENSION pg_trgm")
    print(connection.execute("SELECT show_trgm('כהן') <> '{{}}'").fetchone())
    print(connection.execute("SELECT 'ä' < 'b', lower('Ä')").fetchone())
"""


def test_a_new_cluster_has_trigrams_in_every_script(var):
    names = "character_type.NAMES"
    output = finish(python(var, "-c", FIND.format(names=names))).splitlines()

    assert output == ["(True,)", "(False, 'ä')"]


def test_another_name_is_taken_where_the_library_lacks_the_first(var):
    code = FIND.format(names=("xx_XX.UTF-8", "C.utf8"))
    output = finish(python(var, "-c", code)).splitlines()

    assert output == ["(True,)", "(False, 'ä')"]


def test_a_library_without_any_reports_it_and_starts(var):
    code = FIND.format(names=("xx_XX.UTF-8",))
    # Without the last one Python would find C.UTF-8 for itself.
    nothing = {"LC_ALL": "", "LC_CTYPE": "", "LANG": "", "PYTHONCOERCECLOCALE": "0"}
    output = finish(python(var, "-c", code, **nothing)).splitlines()

    assert "no UTF-8 locale; install one" in output[0]
    assert output[-2:] == ["(False,)", "(False, 'ä')"]
