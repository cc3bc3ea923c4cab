"""Words of imports in templates."""

from django import template

from crm.services.imports.kinds import KINDS

register = template.Library()


@register.simple_tag
def import_kind(name: str) -> str:
    """What a file holds, in words: People."""
    known = KINDS.get(name)
    return str(known.label) if known else name
