"""Greetings that older rules made of NULL, Inc., addresses and titles are made anew.

Only those that the older rules had made: what somebody wrote by hand stays.
"""

from typing import Any, ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from crm.rules import names
from crm.rules.name_signs import CJK

AT_ONCE = 2_000
_TITLES = frozenset(
    (
        "mr mrs ms miss mx dr prof sir madam herr frau fr mag ing dipl univ mme mlle sr"
        " sra dott sig sigra rev hon"
    ).split()
)


def as_it_was(given: str, family: str) -> str:
    """The greeting as it was worked out until now."""
    if CJK.search(given) and CJK.search(family):
        return family + given
    words = [word for word in given.split() if word.rstrip(".").lower() not in _TITLES]
    for word in words:
        if len(word.rstrip(".")) > 1:
            return word
    return " ".join(part for part in (*words, family) if part)


def greet_anew(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    customers = apps.get_model("crm", "Customer").objects
    rows = customers.exclude(greeting_name="").only(
        "id", "given_name", "family_name", "greeting_name"
    )
    changed: list[Any] = []
    for customer in rows.iterator(chunk_size=AT_ONCE):
        given, family = customer.given_name, customer.family_name
        if customer.greeting_name != as_it_was(given, family):
            continue
        greeting = names.greeting_name(given, family)[:120]
        if greeting != customer.greeting_name:
            customer.greeting_name = greeting
            changed.append(customer)
        if len(changed) >= AT_ONCE:
            customers.bulk_update(changed, ["greeting_name"])
            changed.clear()
    customers.bulk_update(changed, ["greeting_name"])


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0015_renew_search_texts")]
    operations: ClassVar = [migrations.RunPython(greet_anew, migrations.RunPython.noop)]
