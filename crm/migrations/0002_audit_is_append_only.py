"""The audit refuses UPDATE, DELETE and TRUNCATE: for every role, the superuser too."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION crm_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER crm_auditentry_append_only
    BEFORE UPDATE OR DELETE ON crm_auditentry
    FOR EACH ROW EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER crm_auditentry_no_truncate
    BEFORE TRUNCATE ON crm_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION crm_append_only();
"""
BACKWARD = """
DROP TRIGGER crm_auditentry_no_truncate ON crm_auditentry;
DROP TRIGGER crm_auditentry_append_only ON crm_auditentry;
DROP FUNCTION crm_append_only();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0001_record")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
