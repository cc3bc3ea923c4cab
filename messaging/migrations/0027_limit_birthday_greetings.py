"""Limits and pauses of all that a customer may stop hold for birthday greetings too."""

from django.db import migrations

ALL = ["survey", "loyalty", "marketing"]
BIRTHDAY = "birthday"


def add(apps, schema_editor):
    rules = apps.get_model("messaging", "BudgetRule").objects
    for rule in rules.filter(categories__contains=ALL):
        rule.categories = [*rule.categories, BIRTHDAY]
        rule.save(update_fields=["categories"])
    holds = apps.get_model("messaging", "Hold").objects
    for hold in holds.filter(categories__contains=ALL, released_at=None):
        hold.categories = sorted([*hold.categories, BIRTHDAY])
        hold.save(update_fields=["categories"])


def take_away(apps, schema_editor):
    for name in ("BudgetRule", "Hold"):
        rows = apps.get_model("messaging", name).objects
        for row in rows.filter(categories__contains=[BIRTHDAY]):
            row.categories = [one for one in row.categories if one != BIRTHDAY]
            row.save(update_fields=["categories"])


class Migration(migrations.Migration):
    dependencies = [("messaging", "0026_birthday_greetings")]

    operations = [migrations.RunPython(add, take_away)]
