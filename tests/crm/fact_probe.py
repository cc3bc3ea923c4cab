"""Run by test_customer_facts in a copy of the source that has one more fact.

Adds its column, sends a value through every entry point, prints what came out, and
removes the column.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import django
from django.db import connection, transaction

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def main(database: str, file: str) -> None:
    django.setup()
    connection.settings_dict["NAME"] = database
    from crm.models import Customer

    with transaction.atomic():
        with connection.schema_editor(atomic=False) as editor:
            editor.add_field(Customer, Customer._meta.get_field("nickname"))
        sys.stdout.write(json.dumps(through_every_entry_point(Path(file))))
        transaction.set_rollback(True)


def through_every_entry_point(file: Path) -> dict[str, object]:
    from django.contrib import admin

    from crm.api.serializers import CustomerIn, CustomerOut, CustomerPatch
    from crm.forms import CustomerForm
    from crm.forms.facts import fact
    from crm.models import Customer
    from crm.services import customers
    from crm.services.imports.runner import import_customers
    from crm.services.imports.running import Options

    strict = Options(strict=True)
    report = import_customers(file, strict, now=NOW, progress=lambda *_: None)
    customer = Customer.objects.get(external_id="C1")
    found: dict[str, object] = {
        "imported": customer.nickname,
        "searched": customer.search_text,
        "refused": dict(report.refused_by_reason),
    }
    file.write_text("external_id,nickname\nC1,Bee\n")
    import_customers(file, Options(), now=NOW, progress=lambda *_: None)
    customer.refresh_from_db()
    found["imported again"] = (customer.nickname, customer.search_text)
    given = CustomerPatch(data={"nickname": "Cee"})
    given.is_valid(raise_exception=True)
    customers.update_customer(customer, changes=given.validated_data, now=NOW)
    customer.refresh_from_db()
    found["api"] = CustomerOut(customer).data["nickname"]
    found["new by api"] = "nickname" in CustomerIn().fields
    shown = fact(customer, "nickname")
    found["shown"] = (shown.label, shown.value)
    form = CustomerForm(customer=customer)
    found["form"] = (str(form["nickname"].label), form["nickname"].value())
    found["admin"] = "nickname" in admin.site.get_model_admin(Customer).fields
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
