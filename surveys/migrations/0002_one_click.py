"""The one-click option: provisional scores, and those that cancel each other."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("surveys", "0001_surveys")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="survey",
            name="one_click",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="response",
            name="clashing",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(clashing=False) | models.Q(state="provisional"),
                name="response_clash_is_provisional",
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(
                condition=models.Q(state="provisional"),
                fields=["survey", "first_at"],
                name="response_provisional",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(remind_after_days=None)
                | models.Q(remind_after_days__range=(1, 60)),
                name="survey_remind_days",
            ),
        ),
    ]
