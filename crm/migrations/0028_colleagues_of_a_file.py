"""Whose conversation it was, where they have no account here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0027_note_imported_rows"),
    ]

    operations = [
        migrations.AddField(
            model_name="interaction",
            name="staff_name",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=120
            ),
        ),
    ]
