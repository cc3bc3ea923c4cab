"""The key behind hashes, from messaging, with its row where it has one.

Databases of the first versions have the table, made by migration 5 of messaging.
"""

import secrets
from typing import ClassVar

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FORWARD = """
CREATE TABLE IF NOT EXISTS messaging_addresskey (
    id smallint NOT NULL PRIMARY KEY CHECK (id >= 0),
    key bytea NOT NULL,
    CONSTRAINT address_key_one_row CHECK (id = 1)
);
ALTER TABLE messaging_addresskey ALTER COLUMN id SET DEFAULT 1;
ALTER TABLE messaging_addresskey RENAME TO crm_addresskey;
"""
BACKWARD = """
ALTER TABLE crm_addresskey RENAME TO messaging_addresskey;
"""


def make_key(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("crm", "AddressKey").objects.get_or_create(
        id=1, defaults={"key": secrets.token_bytes(32)}
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("crm", "0019_keep_a_journal_outside"),
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
        ),
        migrations.RunPython(make_key, migrations.RunPython.noop),
    ]
