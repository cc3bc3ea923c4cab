"""Words of imports in templates."""

from django import template

from crm.forms.imports import KIND_LABELS

register = template.Library()


@register.simple_tag
def import_kind(name: str) -> str:
    """What a file holds, in words: People."""
    return str(KIND_LABELS.get(name, name))
