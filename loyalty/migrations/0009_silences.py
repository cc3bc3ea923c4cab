import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0054_product_facts"),
        ("loyalty", "0008_pooled_rhythms"),
    ]

    operations = [
        migrations.CreateModel(
            name="Silence",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="crm.customer",
                    ),
                ),
                ("last_on", models.DateField()),
                ("usual_gap", models.PositiveIntegerField()),
                ("silent_on", models.DateField()),
            ],
            options={
                "indexes": [models.Index(fields=["silent_on"], name="silence_begins")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("silent_on__gt", models.F("last_on"))),
                        name="silence_after_the_last_order",
                    )
                ],
            },
        ),
    ]
