"""Fields that staff made, set for many customers at once."""

import json
from collections.abc import Mapping
from typing import Any

from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from crm import custom_facts
from crm.models import BulkRun, Customer, CustomField
from crm.rules import custom_values
from crm.rules.custom_values import name_of
from crm.services import customers
from crm.sql import bulk as sql
from web.errors import InvalidValue

PREFIX = name_of("")
_AT_ONCE = 500


def is_custom(options: Mapping[str, Any]) -> bool:
    """Whether the options are of such a field."""
    return str(options.get("field", "")).startswith(PREFIX)


def checked(name: str, value: Any) -> dict[str, Any]:
    """The options as they are stored. Raises InvalidValue, also for a field that is
    archived."""
    field = _field(name)
    if field is None or field.archived_at is not None:
        raise InvalidValue(fields={"field": "unknown_field"})
    return {"field": name, "value": custom_values.read(field.definition, value)}


def parameters(options: Mapping[str, Any]) -> dict[str, Any]:
    """For the SQL: `value` as JSON, None where the value is taken away."""
    value = options["value"]
    key = options["field"].removeprefix(PREFIX)
    return {"key": key, "value": None if value is None else json.dumps(value)}


def in_words(options: Mapping[str, Any]) -> str:
    """What is set, in the reader's language."""
    field, value = _field(options["field"]), options["value"]
    if field is None:
        return str(options["field"])
    said = _("empty") if value is None else custom_facts.in_words(field, value)
    return _("%(field)s: %(value)s") % {"field": field.label, "value": said}


def follow_search(run: BulkRun, *, after: int, upto: int) -> None:
    """Write anew what searches find of those whom a slice changed, where they look into
    the field."""
    field = _field(run.options["field"])
    if field is None or not field.is_searchable:
        return
    ids = RawSQL(sql.CHANGED_IDS, [run.pk, after, upto])  # noqa: S611
    rows = list(Customer.objects.filter(pk__in=ids).order_by("pk"))
    for customer in rows:
        customers.refresh_search(customer)
    Customer.objects.bulk_update(rows, ["search_text"], batch_size=_AT_ONCE)


def _field(name: str) -> CustomField | None:
    return CustomField.objects.filter(key=name.removeprefix(PREFIX)).first()
