"""The squashed migrations make what the old ones made, and old databases go on."""

from contextlib import contextmanager

import pytest
from django.db import connection, connections
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from tests.database_shape import shape

# The key behind hashes, as migration 5 of messaging made it in the first versions.
OLD_KEY = """
    CREATE TABLE messaging_addresskey (
        id smallint NOT NULL PRIMARY KEY CHECK (id >= 0), key bytea NOT NULL,
        CONSTRAINT address_key_one_row CHECK (id = 1));
    INSERT INTO messaging_addresskey VALUES (1, '\\x0102')
"""


@contextmanager
def a_database(name, blocker):
    """An empty database, which is the default one meanwhile."""
    ours = connections["default"]
    name = f"{ours.settings_dict['NAME']}_{name}"
    with blocker.unblock(), ours._nodb_cursor() as server:
        server.execute(f'CREATE DATABASE "{name}"')
        connections["default"] = other = ours.copy()
        other.settings_dict["NAME"] = name
        try:
            yield
        finally:
            other.close()
            connections["default"] = ours
            server.execute(f'DROP DATABASE "{name}"')


def migrate():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    return executor.loader.replacements


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


EARLY = [("crm", "0003_first_rows"), ("messaging", "0004_timeline_by_effect")]
LATER = [
    ("crm", "0019_keep_a_journal_outside"),
    ("messaging", "0013_address_key_to_crm"),
    ("surveys", "0002_one_click"),
    ("loyalty", "0001_reorders"),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("targets", "key", "bytes_of_key"),
    [(EARLY, "SELECT", 32), (LATER, OLD_KEY, 2)],
    ids=["early", "later"],
)
def test_a_database_of_an_earlier_version_becomes_the_same(
    squashed, django_db_blocker, targets, key, bytes_of_key
):
    with a_database("old", django_db_blocker), connection.cursor() as cursor:
        migrate_the_old_way(targets)
        cursor.execute(key)

        squashes = migrate()

        cursor.execute("SELECT app, name FROM django_migrations")
        assert {*squashes} <= {*cursor.fetchall()}
        cursor.execute("SELECT length(key) FROM crm_addresskey")
        assert cursor.fetchall() == [(bytes_of_key,)]
        became = shape()
    for kind in became | squashed:
        assert became[kind] == squashed[kind], kind


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

    assert len(old.graph.nodes) > len(new.graph.nodes) + 80
    assert changes == {}
