"""The database itself refuses what is wrong."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from crm.models import AuditEntry, Business
from crm.services import audit

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
