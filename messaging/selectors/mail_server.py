"""Whether mail can leave at all."""

from django.conf import settings

from messaging.rules.choices import Transport


def keeps_mail() -> bool:
    """No mail server is set up: what would be sent is written and kept here."""
    return bool(Transport.OUTBOX.value == settings.MAIL_TRANSPORT)
