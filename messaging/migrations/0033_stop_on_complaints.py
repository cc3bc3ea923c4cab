"""A complaint can end a customer's way through an automation."""

from django.db import migrations, models

RULES = ["bought", "answered", "wrote", "complained", "left_segment"]


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0032_forecast_people_who_fare_alike"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="automationstep",
            name="step_stop_on",
        ),
        migrations.AddConstraint(
            model_name="automationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("position", 1), ("stop_on", [])),
                    models.Q(
                        ("position__gt", 1),
                        ("stop_on__contained_by", RULES),
                    ),
                    _connector="OR",
                ),
                name="step_stop_on",
            ),
        ),
    ]
