"""Which tags a customer carries."""

from collections.abc import Iterable

from django.db.models import Value
from django.db.models.functions import Lower

from crm.models import Customer, Tag
from web.errors import InvalidValue
from web.rules import text

_MOST_TAGS = 50


def set_tags(customer: Customer, tags: Iterable[str]) -> None:
    """The customer carries exactly these tags; unknown ones are made."""
    wanted = {text.one_line(tag, field="tags", most=60) for tag in tags} - {""}
    if len(wanted) > _MOST_TAGS:
        raise InvalidValue(fields={"tags": "too_many"})
    customer.tags.set([tag_named(name) for name in sorted(wanted)])


def tag_named(name: str) -> Tag:
    """The tag of this name, made where there is none. One row whatever the capitals,
    also where two people make it at once."""
    same = Tag.objects.alias(lower=Lower("name")).filter(lower=Lower(Value(name)))
    found = same.first()
    if found is None:
        Tag.objects.bulk_create([Tag(name=name)], ignore_conflicts=True)
        found = same.get()
    return found
