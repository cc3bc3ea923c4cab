"""In whose name, from which address and by which account an answer goes."""

from dataclasses import dataclass

from crm import selectors as crm_selectors
from crm.models import User
from messaging.models import SendingAccount
from support.models import Conversation, Mailbox


@dataclass(frozen=True)
class SenderName:
    """Name and address that a mail is sent from."""

    name: str
    address: str


def sender_of(conversation: Conversation, author: User) -> SenderName:
    """The address that the customer wrote to; the shop's own without a mailbox, and
    until a mail from its address has come in."""
    shop = crm_selectors.business()
    mailbox = confirmed_mailbox(conversation)
    address = mailbox.address if mailbox else shop.from_transactional
    return SenderName(author.name or shop.from_name, address)


def account_of(conversation: Conversation) -> SendingAccount | None:
    """By which account it leaves; None: by the shop's transport."""
    mailbox = confirmed_mailbox(conversation)
    return mailbox.sending if mailbox else None


def confirmed_mailbox(conversation: Conversation) -> Mailbox | None:
    """The mailbox of the conversation, where mail gets through from its address."""
    mailbox = conversation.mailbox
    return mailbox if mailbox and mailbox.confirmed_at else None
