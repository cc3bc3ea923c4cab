"""A row says on which day a customer is asked next, and is called so."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("surveys", "0020_say_no_and_keep_presses")]
    operations: ClassVar = [
        migrations.RenameModel("Turn", "ScheduledAsk"),
        migrations.RenameIndex(
            "scheduledask", new_name="scheduled_ask_due", old_name="turn_due"
        ),
        migrations.RunSQL(
            "ALTER TABLE surveys_scheduledask"
            " RENAME CONSTRAINT turn_once TO scheduled_ask_once",
            "ALTER TABLE surveys_scheduledask"
            " RENAME CONSTRAINT scheduled_ask_once TO turn_once",
            state_operations=[
                migrations.RemoveConstraint("scheduledask", "turn_once"),
                migrations.AddConstraint(
                    "scheduledask",
                    models.UniqueConstraint(
                        fields=["asking", "customer"], name="scheduled_ask_once"
                    ),
                ),
            ],
        ),
    ]
