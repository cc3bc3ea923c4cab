"""Give every automation its place, 1 to n, in the order that held until now."""

from django.db import migrations

FORWARDS = """
UPDATE messaging_automation automation SET priority = placed.place
FROM (
    SELECT id, row_number() OVER (ORDER BY priority, id) AS place
    FROM messaging_automation
) placed
WHERE placed.id = automation.id AND automation.priority <> placed.place;

UPDATE messaging_message message SET priority = automation.priority
FROM messaging_automation automation
WHERE automation.id = message.automation_id AND message.state = 'planned'
  AND message.priority <> automation.priority;
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_squashed_0018_sending_accounts")]

    # Places are as good as the numbers that people chose: nothing to put back.
    operations = [migrations.RunSQL(FORWARDS, migrations.RunSQL.noop)]
