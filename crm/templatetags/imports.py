"""Words of imports in templates."""

from django import template
from django.utils.html import format_html

from crm.services.imports.kinds import KINDS

register = template.Library()


@register.simple_tag
def import_kind(name: str) -> str:
    """What a file holds, in words: People."""
    known = KINDS.get(name)
    return str(known.label) if known else name


@register.simple_tag
def import_page(name: str) -> str:
    """The button that leads to what came in; nothing for a kind that is gone."""
    known = KINDS.get(name)
    if known is None:
        return ""
    return format_html(
        '<a class="btn btn-primary" href="{}">{}</a>',
        known.page,
        known.page_label,
    )
