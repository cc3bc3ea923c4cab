"""Mail that a provider takes for us and posts here: messaging/webhooks.py checks it."""

from typing import Any

from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, inbound
from django.dispatch import receiver
from django.utils import timezone

from support.rules import provider_checks
from support.rules.choices import MailSource
from support.selectors import people
from support.services import receiving


@receiver(inbound, dispatch_uid="support.receive_from_provider")
def receive(
    sender: object, event: AnymailInboundEvent, esp_name: str, **_: Any
) -> None:
    """Keep it as it came. An error is answered with 500, and it comes again."""
    message = event.message
    receiving.receive(
        _bytes(message),
        source=MailSource.WEBHOOK,
        mailbox=people.mailbox_at(message.envelope_recipient or ""),
        provider_checks=_provider_checks(event, esp_name),
        now=timezone.now(),
    )


def _provider_checks(event: AnymailInboundEvent, provider: str) -> dict[str, str]:
    """What the provider says of the sender; anymail reads of it only the spam."""
    message = event.message
    # A form, or what was posted as JSON.
    posted = getattr(event.esp_event, "POST", event.esp_event)
    found = provider_checks.of_provider(
        provider, posted, lambda name: [str(one) for one in message.get_all(name, [])]
    )
    return found | ({"spam": "yes"} if message.spam_detected else {})


def _bytes(message: AnymailInboundMessage) -> bytes:
    """With the address that it really came to, which may stand in no header."""
    content: bytes = message.as_bytes()
    to = message.envelope_recipient
    if not to or not to.isprintable() or not to.isascii():
        return content
    return f"Delivered-To: {to}\n".encode("ascii") + content
