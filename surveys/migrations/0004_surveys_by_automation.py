"""A survey for each automation that asks, so there may be several of one trigger."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0016_several_automations_of_a_kind"),
        ("surveys", "0003_defaults_in_the_database"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="survey", name="survey_trigger_once"),
        migrations.AlterField(
            model_name="survey",
            name="automation",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="survey",
                to="messaging.automation",
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="occurrence",
            field=models.CharField(max_length=160),
        ),
    ]
