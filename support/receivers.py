"""What the pipeline reports of mails that colleagues wrote."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from messaging import contact_links, reply_addresses
from messaging.models import Message
from messaging.signals import messages_finished
from support.selectors import threads
from support.services import addresses, contact_form, writing

reply_addresses.register(addresses.of_messages)
contact_links.register(contact_form.path_of)


@receiver(messages_finished)
def note_trouble(*, messages: Sequence[Message], now: datetime, **_more: Any) -> None:
    """Its author learns of a mail that did not reach somebody."""
    mails = {
        threads.mail_id_of(message)
        for message in messages
        if message.kind == threads.KIND and message.state in threads.TROUBLE
    }
    if mails:
        writing.note_trouble(mails, now=now)
