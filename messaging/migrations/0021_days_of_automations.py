"""On which days the mail of an automation may go; those there are keep every day."""

import django.contrib.postgres.fields
from django.db import migrations, models

import messaging.models.automation


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0020_hold_people_out_by_lot"),
    ]

    operations = [
        migrations.AddField(
            model_name="automation",
            name="rests",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="automation",
            name="weekdays",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                db_default=[1, 2, 3, 4, 5, 6, 7],
                default=messaging.models.automation.every_day,
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="automation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("weekdays__contained_by", [1, 2, 3, 4, 5, 6, 7]),
                    ("weekdays__len__range", (1, 7)),
                ),
                name="automation_weekdays",
            ),
        ),
    ]
