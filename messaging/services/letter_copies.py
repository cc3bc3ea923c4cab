"""A letter as it went to the mail server, for whoever keeps a copy of it."""

from datetime import datetime

from messaging.kinds import Letter
from messaging.models import Message
from messaging.services.delivery.headers import of_letter
from messaging.transports import mime


def as_bytes(message: Message, letter: Letter, *, at: datetime) -> bytes:
    """The whole mail with its headers; `at` is its date."""
    return mime.packed(of_letter(message, letter, now=at))
