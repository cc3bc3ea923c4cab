"""What conversations and mailboxes refuse, by name."""

from web.errors import DomainError


class MailboxTrouble(DomainError):
    """A mailbox cannot be read; the code says why."""

    code = "mailbox_trouble"
    message = "The mailbox cannot be read."
    status = 409


class PasswordUnreadable(MailboxTrouble):
    """The password was encrypted with a SECRET_KEY that is not known any more."""

    code = "password_unreadable"
    message = "The stored password cannot be read: type it again."


class HostUnknown(MailboxTrouble):
    code = "host_unknown"
    message = "There is no server of this name."


class ServerUnreachable(MailboxTrouble):
    code = "server_unreachable"
    message = "The server does not answer at this port."


class CertificateRefused(MailboxTrouble):
    code = "certificate_refused"
    message = "The server's certificate is not to be trusted."


class NotImap(MailboxTrouble):
    """Something answers, but not as an IMAP server does with this security."""

    code = "not_imap"
    message = "What answers at this port does not speak IMAP in this way."


class LoginRefused(MailboxTrouble):
    code = "login_refused"
    message = "The server refuses this user and password."


class FolderMissing(MailboxTrouble):
    code = "folder_missing"
    message = "There is no folder of this name."


class ConnectionLost(MailboxTrouble):
    code = "connection_lost"
    message = "The connection broke off."


class StorageRefused(MailboxTrouble):
    """Ours, not the server's: nothing is read until there is room."""

    code = "storage_refused"
    message = "The private storage does not take the mail."


class ConversationClosed(DomainError):
    """It is closed already, or was closed in the meantime."""

    code = "conversation_closed"
    message = "This conversation is closed."
    status = 409


class NotWaiting(DomainError):
    """It already has a customer."""

    code = "conversation_has_customer"
    message = "Somebody said already who this is."
    status = 409
