"""What was asked before is asked by the automation of its time: its key says so, too.

Otherwise the first sweep would find none of it and ask everybody a second time.
"""

from django.db import migrations

NAME_MESSAGES = """
UPDATE messaging_message SET occurrence = automation_id || ':' || occurrence
WHERE kind IN ('nps_relationship', 'nps_post_purchase') AND automation_id IS NOT NULL
"""
NAME_INVITATIONS = """
UPDATE surveys_invitation invitation
SET occurrence = survey.automation_id || ':' || invitation.occurrence
FROM surveys_survey survey WHERE survey.id = invitation.survey_id
"""
FORGET_IN_MESSAGES = """
UPDATE messaging_message
SET occurrence = substr(occurrence, length(automation_id::text) + 2)
WHERE kind IN ('nps_relationship', 'nps_post_purchase')
  AND starts_with(occurrence, automation_id || ':')
"""
FORGET_IN_INVITATIONS = """
UPDATE surveys_invitation invitation
SET occurrence = substr(occurrence, length(survey.automation_id::text) + 2)
FROM surveys_survey survey
WHERE survey.id = invitation.survey_id
  AND starts_with(occurrence, survey.automation_id || ':')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0004_surveys_by_automation"),
    ]

    operations = [
        # Some millions of rows in a shop of ten years.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.RunSQL(NAME_MESSAGES, FORGET_IN_MESSAGES),
        migrations.RunSQL(NAME_INVITATIONS, FORGET_IN_INVITATIONS),
    ]
