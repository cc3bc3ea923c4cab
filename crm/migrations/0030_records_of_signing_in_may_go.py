"""The audit stays append-only, with one exception: records of signing in, once old.

They say when colleagues were at work. A row whose action is one of five, and which is
older than the settings keep these, may be deleted; by the clock of the database, so
that no clock of ours can make a young one old.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION crm_audit_may_go(action text, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT action IN ('user.signed_in', 'sign_in.refused', 'session.ended',
            'session.others_ended', 'attempts.stopped')
        AND coalesce(
            (SELECT at <= now() - make_interval(days => sign_in_keep_days)
                FROM crm_business WHERE id = 1),
            false)
$$;
DROP TRIGGER crm_auditentry_append_only ON crm_auditentry;
CREATE TRIGGER crm_auditentry_append_only
    BEFORE UPDATE ON crm_auditentry
    FOR EACH ROW EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER crm_auditentry_no_delete
    BEFORE DELETE ON crm_auditentry
    FOR EACH ROW
    WHEN (NOT crm_audit_may_go(OLD.action, OLD.at))
    EXECUTE FUNCTION crm_append_only();
"""
BACKWARD = """
DROP TRIGGER crm_auditentry_no_delete ON crm_auditentry;
DROP TRIGGER crm_auditentry_append_only ON crm_auditentry;
DROP FUNCTION crm_audit_may_go(text, timestamptz);
CREATE TRIGGER crm_auditentry_append_only
    BEFORE UPDATE OR DELETE ON crm_auditentry
    FOR EACH ROW EXECUTE FUNCTION crm_append_only();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0029_choose_how_long_data_is_kept")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
