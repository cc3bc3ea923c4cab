"""The one business row and the codes that are not products."""

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def fill(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    business = apps.get_model("crm", "Business")
    business.objects.get_or_create(
        id=1,
        defaults={
            "name": "My shop",
            "from_name": "My shop",
            "from_transactional": "hello@shop.example",
            "from_survey": "hello@shop.example",
            "from_loyalty": "hello@shop.example",
            "from_marketing": "hello@shop.example",
        },
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0002_audit_is_append_only")]
    operations: ClassVar = [migrations.RunPython(fill, migrations.RunPython.noop)]
