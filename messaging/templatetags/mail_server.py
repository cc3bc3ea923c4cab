"""Whether mail leaves, for templates."""

from django import template

from messaging.selectors import mail_server

register = template.Library()


@register.simple_tag
def keeps_mail() -> bool:
    """No mail server is set up: what would be sent is written and kept here."""
    return mail_server.keeps_mail()
