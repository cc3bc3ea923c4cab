"""Words belong to a step; versions are append-only.

Erasure may change the audience of a version: somebody's name may have been typed into
it. Versions go with an automation that never ran, and no other way.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION messaging_version_is_erased(old_row jsonb, new_row jsonb)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT old_row #- '{content,audience}' = new_row #- '{content,audience}'
$$;
CREATE FUNCTION messaging_version_may_go(automation bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM messaging_automation
        WHERE id = automation AND switched_on_at IS NOT NULL)
$$;
CREATE TRIGGER messaging_version_append_only
    BEFORE UPDATE ON messaging_automationversion
    FOR EACH ROW
    WHEN (NOT messaging_version_is_erased(to_jsonb(OLD), to_jsonb(NEW)))
    EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER messaging_version_no_delete
    BEFORE DELETE ON messaging_automationversion
    FOR EACH ROW
    WHEN (NOT messaging_version_may_go(OLD.automation_id))
    EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER messaging_version_no_truncate
    BEFORE TRUNCATE ON messaging_automationversion
    FOR EACH STATEMENT EXECUTE FUNCTION crm_append_only();
"""
BACKWARD = """
DROP TRIGGER messaging_version_no_truncate ON messaging_automationversion;
DROP TRIGGER messaging_version_no_delete ON messaging_automationversion;
DROP TRIGGER messaging_version_append_only ON messaging_automationversion;
DROP FUNCTION messaging_version_may_go(bigint);
DROP FUNCTION messaging_version_is_erased(jsonb, jsonb);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("messaging", "0023_first_steps")]
    operations: ClassVar = [
        migrations.RemoveField(model_name="wording", name="automation"),
        migrations.AlterField(
            model_name="wording",
            name="step",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="wordings",
                to="messaging.automationstep",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
