"""The key behind address hashes, and holds that end by themselves."""

import secrets
from typing import ClassVar

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def make_key(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("messaging", "AddressKey").objects.get_or_create(
        id=1, defaults={"key": secrets.token_bytes(32)}
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("messaging", "0004_timeline_by_effect")]
    operations: ClassVar = [
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
                        condition=models.Q(("id", 1)), name="address_key_one_row"
                    )
                ]
            },
        ),
        migrations.AddField(
            model_name="hold",
            name="until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(make_key, migrations.RunPython.noop),
    ]
