"""No transport at all: the mail is kept whole in the outbox and never leaves."""

from messaging.transports import mime
from messaging.transports.base import Mail


def check(mail: Mail) -> None:
    """ValueError where a real transport would refuse its headers or address."""
    mime.address(mail.to_name, mail.to)
    if "\n" in mail.subject or "\r" in mail.subject:
        raise ValueError("a subject is one line")
