"""What an automation is now, as one document, written in one statement."""

from datetime import datetime

from django.db import connection
from psycopg.sql import SQL

# Whatever column an automation or a step gets stands in its versions from then on.
_WRITE = SQL("""
INSERT INTO messaging_automationversion
    (automation_id, number, made_at, made_by_id, content)
SELECT id, version, %(now)s, %(made_by)s,
       to_jsonb(automation) - ARRAY['id', 'kind', 'version', 'priority']
       || jsonb_build_object('steps', (
           SELECT jsonb_agg(
               to_jsonb(step) - ARRAY['id', 'automation_id', 'position']
               || jsonb_build_object('words', (
                   SELECT coalesce(jsonb_object_agg(language, fields), '{{}}')
                   FROM messaging_wording WHERE step_id = step.id))
               ORDER BY step.position)
           FROM messaging_automationstep step
           WHERE step.automation_id = automation.id))
FROM messaging_automation automation WHERE id = %(automation)s
RETURNING id
""").format()


def write(automation_id: int, *, made_by: int | None, now: datetime) -> int:
    """The id of the row, numbered as the automation's version."""
    values = {"automation": automation_id, "made_by": made_by, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, values)
        return int(cursor.fetchone()[0])
