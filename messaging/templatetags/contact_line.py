"""The line that leads customers to somebody who helps."""

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language, gettext

from messaging import contact_links

register = template.Library()


@register.simple_tag
def contact_line(customer_id: int | None) -> str:
    """A link to the contact form that knows this customer; "" without one."""
    path = contact_links.path_for(customer_id)
    if not path:
        return ""
    url = f"{path}?lang={get_language()}"
    return format_html('<a href="{}">{}</a>', url, gettext("Tell us what went wrong"))
