"""What load balancers ask: any host, plain HTTP, no redirect, and a plain status."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

pytestmark = pytest.mark.django_db
PROBES = {"/healthz": "ok", "/readyz": "ready"}


@pytest.mark.parametrize("path", PROBES)
def test_anybody_may_ask(client, path):
    answer = client.get(path)

    assert answer.json() == {"status": PROBES[path]}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "web", "evil.example", "a_b", ""])
@pytest.mark.parametrize("path", PROBES)
def test_it_is_answered_to_any_host_and_without_a_way_to_https(settings, path, host):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["crm.example.org"]
    probe = Client(headers={"Host": host})

    answer = probe.get(path)
    assert answer.status_code == 200
    assert "Location" not in answer
    # As all the rest is, over there.
    assert probe.get("/login/").status_code in (301, 400)


@pytest.mark.parametrize("path", PROBES)
def test_a_probe_changes_nothing_and_takes_no_form(client, path):
    shown, asked = client.get(path), client.head(path)

    assert shown.json() == {"status": PROBES[path]}
    assert (asked.status_code, asked["Content-Type"]) == (200, shown["Content-Type"])
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", PROBES)
def test_it_is_red_without_a_database(client, path, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    answer = client.get(path)

    connection.close()
    assert answer.status_code == 503


def test_an_alive_one_whose_tables_are_old_is_not_ready(client):
    [(app, newest)] = MigrationLoader(None).graph.leaf_nodes("crm")
    MigrationRecorder(connection).record_unapplied(app, newest)

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").json() == {"status": "not migrated"}


def test_a_database_without_any_table_is_not_ready(client):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO elsewhere")

    assert client.get("/readyz").status_code == 503


def test_a_database_that_is_newer_than_the_code_is_ready(client):
    """While a new version is brought in, the old one serves on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('crm', '9999_from_tomorrow', now())"
        )

    assert client.get("/readyz").json()["status"] == "ready"
