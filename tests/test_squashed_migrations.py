"""The squashed migrations make what the old ones made, and old databases go on."""

import gzip
import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, connections
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tests.database_shape import schema, shape


@contextmanager
def a_database(name, blocker, template="template1"):
    """A copy of a database, or an empty one, which is the default one meanwhile."""
    ours = connections["default"]
    name = f"{ours.settings_dict['NAME']}_{name}"
    with blocker.unblock(), ours._nodb_cursor() as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        connections["default"] = other = ours.copy()
        other.settings_dict["NAME"] = name
        try:
            yield name
        finally:
            other.close()
            connections["default"] = ours
            server.execute(f'DROP DATABASE "{name}"')


def migrate():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def without_squashed(database):
    """All other migrations; what depends on a squashed one depends on its last."""
    loader = MigrationLoader(database, replace_migrations=False)
    for key, squash in loader.replacements.items():
        loader.graph.remove_replacement_node(key, squash.replaces)
    return loader


def migrate_the_old_way(targets):
    executor = MigrationExecutor(connection)
    executor.loader = without_squashed(connection)
    executor.migrate(targets)


@pytest.fixture(scope="module")
def squashed(django_db_setup, django_db_blocker):
    with a_database("squashed", django_db_blocker):
        migrate()
        return shape()


# As the version of the squash before left a database.
EARLY = [
    ("crm", "0052_index_given_names"),
    ("messaging", "0027_limit_birthday_greetings"),
    ("support", "0016_tell_colleagues"),
    ("surveys", "0008_digest_choices"),
    ("feedback", "0001_squashed_0003_defaults_in_the_database"),
    ("loyalty", "0006_name_days"),
    ("insights", "0006_sum_money_by_differences"),
]
# The sample shop as that version filled it (`demo --customers 60`), by `pg_dump
# --data-only`; but for most bodies of mails.
SHOP = Path(__file__).with_name("earlier_shop.sql.gz")
ROWS = re.compile(r"^(COPY public\.(\w+) .*?);\n(.*?)^\\\.$", re.M | re.S)
NEXT_IDS = re.compile(r"^SELECT pg_catalog\.setval\(.*\);$", re.M)
# What tables of then are called now.
RENAMED = {"surveys_turn": "surveys_scheduledask"}
# tests/surveys/test_upgrade.py starts with these, and fills in rows.
LATER = [
    ("crm", "0053_add_postal_addresses"),
    ("messaging", "0029_remember_looks"),
    ("surveys", "0008_digest_choices"),
    ("insights", "0001_sum_up_money"),
]


def last_before_the_squash():
    """Where a database stands that has all migrations which are squashed now."""
    return [
        squash.replaces[-1] for squash in without_squashed(None).replacements.values()
    ]


def fill():
    """That shop, in place of what migrations wrote."""
    text = gzip.decompress(SHOP.read_bytes()).decode()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for copy_from, table, rows in ROWS.findall(text):
            cursor.execute(f'DELETE FROM "{table}"')
            with cursor.copy(copy_from) as copy:
                copy.write(rows)
        cursor.execute(" ".join(NEXT_IDS.findall(text)))
        cursor.execute("SET session_replication_role = DEFAULT")


def counted():
    """How many rows stand in each table of ours."""
    names = connection.introspection.table_names()
    with connection.cursor() as cursor:
        found = {}
        for name in names:
            if not name.startswith(("django_", "auth_")):
                cursor.execute(f'SELECT count(*) FROM "{name}"')
                found[name] = cursor.fetchone()[0]
        return found


def assert_squashes_are_applied():
    squashes = MigrationLoader(None).replacements
    assert {*squashes} <= {*MigrationRecorder(connection).applied_migrations()}


@pytest.mark.slow
@pytest.mark.parametrize("is_early", [True, False], ids=["early", "just before"])
def test_a_database_of_an_earlier_version_becomes_the_same(
    squashed, django_db_blocker, is_early
):
    with a_database("old", django_db_blocker):
        migrate_the_old_way(EARLY if is_early else last_before_the_squash())
        if is_early:
            fill()
        before = counted()

        migrate()

        assert_squashes_are_applied()
        became, after = schema() if is_early else shape(), counted()
    for kind in became if is_early else became | squashed:
        assert became[kind] == squashed[kind], kind
    assert not is_early or sum(before.values()) > 2_000
    now = {name: after.get(RENAMED.get(name, name), 0) for name in before}
    assert {name: n for name, n in before.items() if now[name] < n} == {}


@pytest.mark.slow
def test_a_database_of_before_the_last_squash_is_told_which_way_it_comes(
    django_db_blocker,
):
    with a_database("older", django_db_blocker), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE crm_customer (id bigint)")

        with pytest.raises(DatabaseError, match="Start commit ade9f1a0 once"):
            migrate()


def test_nothing_is_missing_in_a_squashed_one():
    """With one old migration forgotten, no database of before would be up to date."""
    old = MigrationLoader(None, replace_migrations=False)
    ours = {key: squash for key, squash in old.replacements.items() if key[0] != "auth"}
    assert len(ours) >= 6
    for (app, name), squash in ours.items():
        last = squash.replaces[-1]
        assert name == f"0001_squashed_{last[1]}"
        assert squash.replaces == sorted(
            key
            for key in old.disk_migrations
            if key[0] == app and key <= last and key != (app, name)
        )


def test_django_knows_the_same_models_on_both_ways():
    old, new = without_squashed(None), MigrationLoader(None)

    changes = MigrationAutodetector(
        old.project_state(), new.project_state()
    )._detect_changes()

    assert len(old.graph.nodes) > len(new.graph.nodes) + 25
    assert changes == {}
