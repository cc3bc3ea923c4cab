"""The database knows the defaults too: SQL by hand names only what it sets."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0002_one_click"),
    ]

    operations = [
        migrations.AlterField(
            model_name="invitation",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("answered", "Answered"),
                    ("expired", "Expired"),
                    ("revoked", "Revoked"),
                ],
                db_default="open",
                default="open",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="clashing",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="response",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="survey",
            name="after_days",
            field=models.PositiveSmallIntegerField(db_default=5, default=5),
        ),
        migrations.AlterField(
            model_name="survey",
            name="every_days",
            field=models.PositiveSmallIntegerField(db_default=180, default=180),
        ),
        migrations.AlterField(
            model_name="survey",
            name="one_click",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="survey",
            name="remind_after_days",
            field=models.PositiveSmallIntegerField(
                blank=True, db_default=5, default=5, null=True
            ),
        ),
        migrations.AlterField(
            model_name="survey",
            name="valid_days",
            field=models.PositiveSmallIntegerField(db_default=30, default=30),
        ),
        migrations.AlterField(
            model_name="survey",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
    ]
