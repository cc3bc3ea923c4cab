"""Several automations of one kind, each with its audience; and room in `occurrence`
for the automation's id."""

import django.db.models.deletion
from django.db import migrations, models

# A name was given to each when it was made; the constraint is sure of it.
NAME = "UPDATE messaging_automation SET name = kind WHERE name = ''"


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0015_opted_out_without_a_record"),
    ]

    operations = [
        migrations.RunSQL(NAME, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name="automation", name="automation_kind_once"
        ),
        migrations.AddField(
            model_name="automation",
            name="audience",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=2000
            ),
        ),
        migrations.AddField(
            model_name="automation",
            name="archived_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="automation",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__gt", "")), name="automation_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="automation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("archived_at", None), ("is_on", False), _connector="OR"
                ),
                name="automation_archived_is_off",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="automation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="messaging.automation",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="occurrence",
            field=models.CharField(max_length=160),
        ),
    ]
