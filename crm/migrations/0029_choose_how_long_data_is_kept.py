"""Logs, the journal, jobs and records of signing in go after a time that is chosen."""

from typing import ClassVar

from django.db import migrations, models

KEPT = {
    "job_keep_days": 365,
    "sign_in_keep_days": 365,
    "log_keep_days": 30,
    "journal_keep_days": 400,
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0028_colleagues_of_a_file")]
    operations: ClassVar = [
        *(
            migrations.AddField(
                model_name="business",
                name=name,
                field=models.PositiveSmallIntegerField(default=days, db_default=days),
            )
            for name, days in KEPT.items()
        ),
        migrations.AddConstraint(
            model_name="business",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    body_keep_days__range=(1, 3650),
                    job_keep_days__range=(1, 3650),
                    sign_in_keep_days__range=(30, 3650),
                    log_keep_days__range=(1, 365),
                    journal_keep_days__range=(35, 3650),
                ),
                name="business_keep_days",
            ),
        ),
    ]
