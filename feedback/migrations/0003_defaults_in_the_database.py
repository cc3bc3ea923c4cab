"""The database knows the defaults too: SQL by hand names only what it sets."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0002_review_tabs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="review",
            name="state",
            field=models.CharField(
                choices=[
                    ("held", "Held"),
                    ("published", "Published"),
                    ("rejected", "Rejected"),
                    ("withdrawn", "Withdrawn"),
                ],
                db_default="held",
                default="held",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="reviewrequest",
            name="state",
            field=models.CharField(
                choices=[("open", "Open"), ("answered", "Answered")],
                db_default="open",
                default="open",
                max_length=10,
            ),
        ),
    ]
