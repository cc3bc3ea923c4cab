"""Which codes of a source are no goods: set by people, never by the system."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from crm.models import ProductRule
from crm.rules.choices import ProductNature
from crm.rules.trade import CodePattern
from crm.services import audit
from web.errors import InvalidValue
from web.rules import text


@transaction.atomic
def switch_on(source: str, patterns: Sequence[CodePattern], *, now: datetime) -> None:
    """Keep these rules for the source; a pattern that has one already gets this one."""
    for rule in patterns:
        _keep(source, rule, now)


def checked(pattern: str, nature: ProductNature) -> CodePattern:
    """A pattern as a person types it; InvalidValue where it is none."""
    code = text.one_line(pattern, field="pattern", most=120)
    if not code.strip("*"):
        raise InvalidValue(fields={"pattern": "required"})
    return CodePattern(code, nature)


def _keep(source: str, rule: CodePattern, now: datetime) -> None:
    known = ProductRule.objects.filter(source=source, pattern__iexact=rule.pattern)
    found = known.select_for_update().first()
    if found is None:
        found = ProductRule.objects.create(
            source=source, pattern=rule.pattern, nature=rule.nature.value
        )
    elif found.nature != rule.nature.value:
        found.nature = rule.nature.value
        found.save(update_fields=["nature"])
    else:
        return
    audit.record("product_rule.set", f"product_rule:{found.pk}", now=now)
