"""Mail that a provider takes for us and posts here: messaging/webhooks.py checks it."""

from typing import Any

from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, inbound
from django.dispatch import receiver
from django.utils import timezone

from support.rules.choices import Road
from support.selectors import people
from support.services import receiving


@receiver(inbound, dispatch_uid="support.receive_from_provider")
def receive(sender: object, event: AnymailInboundEvent, **_: Any) -> None:
    """Keep it as it came. An error is answered with 500, and it comes again."""
    message = event.message
    receiving.receive(
        _bytes(message),
        road=Road.WEBHOOK,
        mailbox=people.mailbox_at(message.envelope_recipient or ""),
        now=timezone.now(),
    )


def _bytes(message: AnymailInboundMessage) -> bytes:
    """With the address that it really came to, which may stand in no header."""
    content: bytes = message.as_bytes()
    to = message.envelope_recipient
    if not to or not to.isprintable() or not to.isascii():
        return content
    return f"Delivered-To: {to}\n".encode("ascii") + content
