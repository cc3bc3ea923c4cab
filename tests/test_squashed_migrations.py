"""The squashed migrations make what the old ones made, and old databases go on."""

from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, connections
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from tests.database_shape import shape


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


EARLY = [
    ("crm", "0001_squashed_0046_count_orders_of_all_currencies"),
    ("messaging", "0001_squashed_0018_sending_accounts"),
]
LATER = [
    ("crm", "0049_index_returned_lines"),
    ("messaging", "0023_first_steps"),
    ("surveys", "0001_squashed_0006_ship_segments"),
    ("insights", "0001_sum_up_money"),
]


@pytest.mark.slow
@pytest.mark.parametrize("targets", [EARLY, LATER], ids=["early", "later"])
def test_a_database_of_an_earlier_version_becomes_the_same(
    squashed, django_db_blocker, targets
):
    with a_database("old", django_db_blocker), connection.cursor() as cursor:
        migrate_the_old_way(targets)

        squashes = migrate()

        cursor.execute("SELECT app, name FROM django_migrations")
        assert {*squashes} <= {*cursor.fetchall()}
        became = shape()
    for kind in became | squashed:
        assert became[kind] == squashed[kind], kind


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
