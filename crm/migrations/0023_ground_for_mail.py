"""Say on what ground people without an order get surveys and reminders.

Everybody there is keeps what held for them: the rows get the words with which they were
written to until now, by a default that costs no rewriting of the table. New rows have
none.
"""

from django.db import migrations, models

from crm.rules.choices import GROUND_FROM_BEFORE


def _column(value: str) -> models.CharField:
    return models.CharField(blank=True, default="", db_default=value, max_length=300)


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0022_imports_as_jobs"),
    ]

    operations = [
        migrations.AddField("customer", "mail_ground", _column(GROUND_FROM_BEFORE)),
        migrations.AlterField("customer", "mail_ground", _column("")),
    ]
