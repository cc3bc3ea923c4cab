"""What conversations and mailboxes refuse, by name."""

from collections.abc import Sequence

from web.errors import DomainError


class MailboxError(DomainError):
    """A mailbox cannot be read; the code says why."""

    code = "mailbox_error"
    message = "The mailbox cannot be read."
    status = 409


class PasswordUnreadable(MailboxError):
    """The password was encrypted with a SECRET_KEY that is not known any more."""

    code = "password_unreadable"
    message = "The stored password cannot be read: type it again."


class HostUnknown(MailboxError):
    """The name of the server has no address."""

    code = "host_unknown"
    message = "There is no server of this name."


class ServerUnreachable(MailboxError):
    """Nothing answers at the port of the server."""

    code = "server_unreachable"
    message = "The server does not answer at this port."


class CertificateRefused(MailboxError):
    """The certificate of the server cannot be trusted."""

    code = "certificate_refused"
    message = "The server's certificate is not to be trusted."


class NotImap(MailboxError):
    """Something answers, but not as an IMAP server does with this security."""

    code = "not_imap"
    message = "What answers at this port does not speak IMAP in this way."


class LoginRefused(MailboxError):
    """The server refuses the user or the password."""

    code = "login_refused"
    message = "The server refuses this user and password."


class NoMailToken(MailboxError):
    """The mail provider gives no token; the code says why (messaging.rules.oauth)."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class FolderMissing(MailboxError):
    """The mailbox has no folder of this name."""

    code = "folder_missing"
    message = "There is no folder of this name."


class ConnectionLost(MailboxError):
    """The connection broke while the mailbox was read."""

    code = "connection_lost"
    message = "The connection broke off."


class StorageRefused(MailboxError):
    """Ours, not the server's: nothing is read until there is room."""

    code = "storage_refused"
    message = "The private storage does not take the mail."


class ConversationClosed(DomainError):
    """It is closed already, or was closed in the meantime."""

    code = "conversation_closed"
    message = "This conversation is closed."
    status = 409


class ChangeUndone(DomainError):
    """It was taken back already, perhaps in another window."""

    code = "change_undone"
    message = "This was taken back already."
    status = 409


class ConversationJoined(DomainError):
    """It leads on to another one since somebody joined the two."""

    code = "conversation_joined"
    message = "This conversation was joined to another one."
    status = 409


class NothingToJoin(DomainError):
    """Fewer than two conversations were chosen."""

    code = "nothing_to_join"
    message = "Choose at least two conversations."


class DifferentPeople(DomainError):
    """Two customers' conversations, or one that customers must not see."""

    code = "different_people"
    message = "These conversations are with different people."
    status = 409


class NothingToSplit(DomainError):
    """No mail was chosen, or all of them."""

    code = "nothing_to_split"
    message = "Choose some of the mails, not all."


class InboxRuleExists(DomainError):
    """The name of another rule."""

    code = "inbox_rule_exists"
    message = "There is a rule of this name already."
    status = 409


class NotWaiting(DomainError):
    """It already has a customer."""

    code = "conversation_has_customer"
    message = "Somebody said already who this is."
    status = 409


class DraftGone(DomainError):
    """It was sent or thrown away, perhaps in another window."""

    code = "draft_gone"
    message = "This draft was sent or thrown away already."
    status = 409


class NobodyToWriteTo(DomainError):
    """The mail has no recipient."""

    code = "nobody_to_write_to"
    message = "Say to whom the mail goes."


class NothingWritten(DomainError):
    """The mail has neither words nor a file."""

    code = "nothing_written"
    message = "Write something first, or put a file to it."


class NothingChosen(DomainError):
    """None of the mails of a conversation is to be sent on."""

    code = "nothing_chosen"
    message = "Choose at least one mail."


class AddressesRefused(DomainError):
    """Some of the addresses are none, or their mail came back; `addresses` are they."""

    code = "addresses_refused"
    message = "Some of these addresses cannot be written to."

    def __init__(self, addresses: Sequence[str], *, bounced: bool = False) -> None:
        super().__init__()
        self.addresses = list(addresses)
        self.code = "addresses_bounced" if bounced else "addresses_refused"


class AlreadyLeft(DomainError):
    """It may be on its way, so that it cannot be taken back any more."""

    code = "mail_already_left"
    message = "This mail has left already."
    status = 409


class DraftFilesTooLarge(DomainError):
    """All files of a mail together are larger than mail servers take."""

    code = "draft_files_too_large"
    message = "The files of a mail may have 15 MB together."
    status = 413


class PictureRefused(DomainError):
    """No picture of a kind that mail programs show, or a very large one."""

    code = "picture_refused"
    message = "Choose a PNG, JPEG, GIF or WebP picture of at most 5 MB."
    status = 422


class SnoozeDayOver(DomainError):
    """The day is none, is over already, or is more than a year away."""

    code = "snooze_day_over"
    message = "Choose a day from tomorrow to a year ahead. Nothing was changed."


class SendTimeOver(DomainError):
    """The moment is over already, or more than a year away."""

    code = "send_time_over"
    message = "Choose a time from now to a year ahead."


class SavedReplyExists(DomainError):
    """The name of another saved reply in this language."""

    code = "saved_reply_exists"
    message = "There is a saved reply of this name in this language already."
    status = 409


class NobodyKnown(DomainError):
    """A contact and a promise belong to a customer."""

    code = "nobody_known"
    message = "Say first whose conversation this is."
    status = 409


class FormTooFast(DomainError):
    """No person types so fast; a person presses again."""

    code = "form_too_fast"
    message = "That was very quick. Press Send once more."
    status = 409


class FormTooOld(DomainError):
    """The page was open for days, or its hidden part was changed."""

    code = "form_too_old"
    message = "The page was open for very long. Press Send once more."
    status = 409
