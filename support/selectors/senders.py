"""In whose name and from which address an answer goes."""

from dataclasses import dataclass

from crm import selectors as crm_selectors
from crm.models import User
from support.models import Conversation, Mailbox


@dataclass(frozen=True)
class SenderName:
    name: str
    address: str


def first_mailbox() -> Mailbox | None:
    """The mailbox of a new mail: the oldest that is read."""
    return Mailbox.objects.filter(is_on=True).order_by("pk").first()


def sender_of(conversation: Conversation, author: User) -> SenderName:
    """The address that the customer wrote to; without a mailbox, the shop's own."""
    shop = crm_selectors.business()
    mailbox = conversation.mailbox
    address = mailbox.address if mailbox else shop.from_transactional
    return SenderName(author.name or shop.from_name, address)
