"""The database itself refuses what is wrong."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from crm.models import ApiToken, AuditEntry, Business
from crm.services import api_tokens, audit

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_there_is_one_business(db):
    assert Business.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE crm_auditentry SET action = 'x'",
        "DELETE FROM crm_auditentry",
        "TRUNCATE crm_auditentry",
    ],
)
def test_the_audit_refuses_changes(db, statement):
    audit.record("customer.created", "customer:1", now=NOW)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as c:
        c.execute(statement)

    assert AuditEntry.objects.count() == 1


def test_rows_of_an_earlier_version_fit_the_new_rules(db):
    """Planted without the constraints, as they could stand in a database of before."""
    migration = import_module("crm.migrations.0009_origins_and_ends_that_hold")
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE crm_business DROP CONSTRAINT business_public_url_is_origin;"
            "ALTER TABLE crm_apitoken DROP CONSTRAINT api_token_lives"
        )
    token, _ = api_tokens.issue(name="x", scopes=["orders:write"], now=NOW)
    Business.objects.update(public_url="https://me@shop.example:8443/crm/?x=1")
    ApiToken.objects.update(expires_at=NOW - timedelta(days=1))

    migration.keep_the_origin(apps, None)
    migration.end_with_the_beginning(apps, None)

    assert Business.objects.get().public_url == "https://shop.example:8443"
    token.refresh_from_db()
    assert token.expires_at == NOW
    assert not token.is_live(NOW)
