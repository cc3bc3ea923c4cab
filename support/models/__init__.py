"""Mailboxes, the mails that came in and went out, and their conversations."""

from support.models.conversations import BlockedSender, Conversation
from support.models.mailboxes import Mailbox, MailFolder
from support.models.mails import Mail, MailFile, RawMail

__all__ = [
    "BlockedSender",
    "Conversation",
    "Mail",
    "MailFile",
    "MailFolder",
    "Mailbox",
    "RawMail",
]
