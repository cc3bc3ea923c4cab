"""Mailboxes, the mails that came in and went out, and their conversations."""

from support.models.absences import Absence
from support.models.automatic import AcknowledgementText
from support.models.beside import ConversationContact, ConversationFollowUp
from support.models.conversations import BlockedSender, Conversation
from support.models.drafts import Draft, DraftFile
from support.models.inbox_rules import InboxRule
from support.models.mailboxes import Mailbox, MailFolder
from support.models.mails import Mail, MailFile, RawMail
from support.models.notes import Mention, Note, SavedReply, SavedReplyFile, Signature
from support.models.notices import Notice, NoticeChoice
from support.models.sorting import ConversationChange, ConversationTag, Tagging

__all__ = [
    "Absence",
    "AcknowledgementText",
    "BlockedSender",
    "Conversation",
    "ConversationChange",
    "ConversationContact",
    "ConversationFollowUp",
    "ConversationTag",
    "Draft",
    "DraftFile",
    "InboxRule",
    "Mail",
    "MailFile",
    "MailFolder",
    "Mailbox",
    "Mention",
    "Note",
    "Notice",
    "NoticeChoice",
    "RawMail",
    "SavedReply",
    "SavedReplyFile",
    "Signature",
    "Tagging",
]
