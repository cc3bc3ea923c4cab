"""The line that leads customers to somebody who helps."""

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language, gettext

from messaging import contact_links

register = template.Library()


@register.simple_tag
def contact_line(customer_id: int | str | None = None) -> str:
    """A link to the contact form, which knows this customer; "" without a form. On a
    page that is of no one person it is the general one."""
    path = contact_links.page_path_for(int(customer_id) if customer_id else None)
    if not path:
        return ""
    url = f"{path}?lang={get_language()}"
    # A survey may stand in a frame of another page, where the form does not open.
    return format_html(
        '<a href="{}" target="_top">{}</a>', url, gettext("Tell us what went wrong")
    )
