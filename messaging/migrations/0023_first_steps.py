"""The first step of each automation, with its words, and its first version.

Backward, the words of the first steps go back to their automations; those of the
others are lost with their steps.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
INSERT INTO messaging_automationstep (automation_id, origin)
SELECT id, 1 FROM messaging_automation;
UPDATE messaging_wording wording SET step_id = step.id
FROM messaging_automationstep step WHERE step.automation_id = wording.automation_id;
INSERT INTO messaging_automationversion (automation_id, number, made_at, content)
SELECT id, version, now(),
       to_jsonb(automation) - ARRAY['id', 'kind', 'version', 'priority']
       || jsonb_build_object('steps', (
           SELECT jsonb_agg(
               to_jsonb(step) - ARRAY['id', 'automation_id', 'position']
               || jsonb_build_object('words', (
                   SELECT coalesce(jsonb_object_agg(language, fields), '{}')
                   FROM messaging_wording WHERE step_id = step.id))
               ORDER BY step.position)
           FROM messaging_automationstep step
           WHERE step.automation_id = automation.id))
FROM messaging_automation automation;
"""
BACKWARD = """
UPDATE messaging_wording wording SET automation_id = step.automation_id, step_id = NULL
FROM messaging_automationstep step
WHERE step.id = wording.step_id AND step.position = 1;
DELETE FROM messaging_wording WHERE automation_id IS NULL;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("messaging", "0022_automation_steps")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
