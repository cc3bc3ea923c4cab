"""Consent is a ledger: a withdrawal is another row, never an edit."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE TRIGGER messaging_consent_append_only
    BEFORE DELETE OR UPDATE ON messaging_consent
    FOR EACH ROW EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER messaging_consent_no_truncate
    BEFORE TRUNCATE ON messaging_consent
    FOR EACH STATEMENT EXECUTE FUNCTION crm_append_only();
"""
BACKWARD = """
DROP TRIGGER messaging_consent_no_truncate ON messaging_consent;
DROP TRIGGER messaging_consent_append_only ON messaging_consent;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("messaging", "0001_ledger"),
        ("crm", "0002_audit_is_append_only"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
