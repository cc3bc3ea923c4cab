"""A rule on product codes belongs to one source, because somebody wants it there.

The rules that came with the system were in force for every source. They stay where they
have met data: for the sources that have a product of such a code and such a nature. A
rule for all sources that an operator wrote stays for every source there is.
"""

from importlib import import_module
from typing import Any, ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SHIPPED = import_module("crm.migrations.0005_codes_that_are_not_products").CODES


def give_to_sources(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    rules = apps.get_model("crm", "ProductRule").objects
    products = apps.get_model("crm", "Product").objects
    met = list(
        products.exclude(nature="product").values_list("source", "sku", "nature")
    )
    everywhere = {*products.order_by().values_list("source", flat=True).distinct()}
    for rule in rules.filter(source=""):
        if (rule.pattern, rule.nature, rule.why) in SHIPPED:
            sources = {
                source
                for source, sku, nature in met
                if nature == rule.nature and _matches(rule.pattern, sku)
            }
        else:
            sources = everywhere | {"main"}
        for source in sorted(sources):
            if not rules.filter(source=source, pattern__iexact=rule.pattern).exists():
                rules.create(
                    source=source,
                    pattern=rule.pattern,
                    nature=rule.nature,
                    why=rule.why,
                )
        rule.delete()


def _matches(pattern: str, sku: str) -> bool:
    pattern, code = pattern.upper(), sku.upper()
    if pattern.endswith("*"):
        return code.startswith(pattern[:-1])
    return code == pattern


def stay(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> Any:
    """Back: the rules of sources are as good as before."""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0010_origins_and_ends_are_rules")]
    operations: ClassVar = [migrations.RunPython(give_to_sources, stay)]
