"""An invitation remembers that a reminder said it was the last. Of those that were
reminded before, it said so where their survey had no second one."""

from typing import ClassVar

from django.db import migrations, models

_TOLD = """
    UPDATE surveys_invitation i SET told_last = TRUE
    FROM surveys_survey s
    WHERE s.id = i.survey_id AND i.state = 'open' AND i.reminder_message_id IS NOT NULL
      AND (s.remind_again_after_days IS NULL
           OR i.second_reminder_message_id IS NOT NULL)
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("surveys", "0021_rename_turns_to_scheduled_asks")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="invitation",
            name="told_last",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(_TOLD, migrations.RunSQL.noop),
    ]
