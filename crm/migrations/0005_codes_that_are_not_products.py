"""Codes that are booked like products and are none: postage, fees, adjustments.

Seen in the UCI "Online Retail" file, where 33 codes are written by these patterns.
Operators add, change and delete them in the admin.
"""

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

CODES = (
    ("POST", "postage", "Postage"),
    ("DOT", "postage", "Postage of the web shop"),
    ("C2", "postage", "Carriage"),
    ("BANK CHARGES", "fee", "Charges of the bank"),
    ("AMAZONFEE", "fee", "Fee of a market place"),
    ("CRUK", "fee", "Commission passed on to a charity"),
    ("M", "adjustment", "Entered by hand"),
    ("D", "adjustment", "Discount"),
    ("S", "adjustment", "Samples"),
    ("B", "adjustment", "Bad debt"),
    ("PADS", "adjustment", "Given along with cushions"),
    ("gift_*", "adjustment", "Gift vouchers: money kept, nothing used up"),
    ("DCGS*", "adjustment", "Lots listed on market places, booked by hand"),
)


def fill(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    rules = apps.get_model("crm", "ProductRule")
    known = {
        pattern.upper()
        for pattern in rules.objects.filter(source="").values_list("pattern", flat=True)
    }
    rules.objects.bulk_create(
        rules(source="", pattern=pattern, nature=nature, why=why)
        for pattern, nature, why in CODES
        if pattern.upper() not in known
    )


def clear(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    patterns = [pattern for pattern, _, _ in CODES]
    apps.get_model("crm", "ProductRule").objects.filter(
        source="", pattern__in=patterns
    ).delete()


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0004_lists_of_the_desk")]
    operations: ClassVar = [migrations.RunPython(fill, clear)]
