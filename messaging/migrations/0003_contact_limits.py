"""The contact limits a new installation starts with; staff may change them."""

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

RULES = (
    ("Surveys", ["survey"], 1, 30, False),
    (
        "Everything but answers and receipts",
        ["survey", "loyalty", "marketing"],
        2,
        7,
        True,
    ),
)


def fill(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    rule = apps.get_model("messaging", "BudgetRule")
    for name, categories, most, days, reminders in RULES:
        rule.objects.get_or_create(
            name=name,
            defaults={
                "categories": categories,
                "max_count": most,
                "window_days": days,
                "counts_reminders": reminders,
            },
        )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("messaging", "0002_consent_is_append_only")]
    operations: ClassVar = [migrations.RunPython(fill, migrations.RunPython.noop)]
