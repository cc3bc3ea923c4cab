"""Holds that end by themselves; and the key behind address hashes, in the state alone.

Its table is made by migration 20 of crm, to which it moves in migration 13. Made here,
crm would depend on messaging, and neither app could have a single squashed migration.
"""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("messaging", "0004_timeline_by_effect")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="AddressKey",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, primary_key=True, serialize=False
                            ),
                        ),
                        ("key", models.BinaryField(max_length=32)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)),
                                name="address_key_one_row",
                            )
                        ]
                    },
                )
            ]
        ),
        migrations.AddField(
            model_name="hold",
            name="until",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
