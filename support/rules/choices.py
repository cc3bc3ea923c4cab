"""Closed lists of words of mailboxes, mails and conversations."""

from enum import StrEnum

from messaging.rules.choices import Security as Security


class MailSource(StrEnum):
    """How a mail came in."""

    IMAP = "imap"
    # The Sent folder of a mailbox: what colleagues wrote in another program.
    SENT_FOLDER = "sent_folder"
    PIPE = "pipe"
    WEBHOOK = "webhook"
    # The contact form on our own pages.
    FORM = "form"


class RawState(StrEnum):
    """Whether a stored mail was read, and what it is."""

    WAITING = "waiting"  # stored, not read yet
    READ = "read"
    # A bounce or a complaint; counted at the message it is about.
    REPORT = "report"
    UNREADABLE = "unreadable"


class Direction(StrEnum):
    """Whether a mail came in or went out."""

    IN = "in"
    OUT = "out"


class ConversationState(StrEnum):
    """Whose turn it is in a conversation, or that it is over."""

    OPEN = "open"  # we owe an answer
    WAITING = "waiting"  # they do
    SNOOZED = "snoozed"
    CLOSED = "closed"
    # It leads on to another one, which has its mails now.
    JOINED = "joined"


class ConversationKind(StrEnum):
    """What a conversation is about."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    PRAISE = "praise"
    ORDER = "order"
    OTHER = "other"


class ChangeAction(StrEnum):
    """What can be done to conversations and taken back."""

    ASSIGN = "assign"
    TAG = "tag"
    UNTAG = "untag"
    KIND = "kind"
    CLOSE = "close"
    SNOOZE = "snooze"
    SPAM = "spam"
    BLOCK = "block"
    JOIN = "join"
    SPLIT = "split"


class NoticeEvent(StrEnum):
    """What a colleague may want to be told of."""

    ASSIGNED = "assigned"
    IN_MINE = "in_mine"
    UNASSIGNED = "unassigned"
    MENTION = "mention"


class NoticeWay(StrEnum):
    """How a colleague is told."""

    MAIL = "mail"
    BROWSER = "browser"
