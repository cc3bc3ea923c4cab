"""The key behind hashes, from messaging, with its row."""

from typing import ClassVar

from django.db import migrations, models

FORWARD = """
ALTER TABLE messaging_addresskey RENAME TO crm_addresskey;
"""
BACKWARD = """
ALTER TABLE crm_addresskey RENAME TO messaging_addresskey;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("crm", "0019_keep_a_journal_outside"),
        ("messaging", "0013_address_key_to_crm"),
    ]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
                migrations.CreateModel(
                    name="AddressKey",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                db_default=1,
                                default=1,
                                primary_key=True,
                                serialize=False,
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
            ],
        )
    ]
