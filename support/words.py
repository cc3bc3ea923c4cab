"""What codes of mails and mailboxes say to a person."""

from django.utils.translation import gettext_lazy as _

from crm.rules.choices import Channel
from support.rules.choices import ConversationKind, NoticeEvent

# What a conversation is about.
KINDS = {
    ConversationKind.QUESTION.value: _("Question"),
    ConversationKind.COMPLAINT.value: _("Complaint"),
    ConversationKind.PRAISE.value: _("Praise"),
    ConversationKind.ORDER.value: _("Order"),
    ConversationKind.OTHER.value: _("Something else"),
}

# What can be logged into a conversation: mails stand there by themselves.
CONTACTS = {
    Channel.CALL.value: _("Call"),
    Channel.CHAT.value: _("Chat"),
    Channel.VISIT.value: _("Visit"),
    Channel.SOCIAL.value: _("Social post"),
}
CONTACT_ICONS = {
    Channel.CALL.value: "phone",
    Channel.CHAT.value: "chat",
    Channel.VISIT.value: "shop",
    Channel.SOCIAL.value: "globe",
}

# What colleagues are told of.
NOTICES = {
    NoticeEvent.ASSIGNED.value: _("A conversation is yours now"),
    NoticeEvent.IN_MINE.value: _("New mail in your conversation"),
    NoticeEvent.UNASSIGNED.value: _("New mail that is nobody’s yet"),
    NoticeEvent.MENTION.value: _("A note asks for you"),
}

# Why a mail could not be read, and what to do.
UNREADABLE = {
    "empty": _("The mail is empty."),
    "no_headers": _("This is no mail: it has no headers."),
    "too_deep": _("Its parts are nested too deeply. Such mails are made to do harm."),
    "too_many_parts": _("It has too many parts. Such mails are made to do harm."),
    "too_large": _(
        "It is larger than 60 MB. Only its beginning is kept here; the whole is still"
        " in the mailbox."
    ),
    "content_missing": _("Its content is missing in the private storage."),
    "reader_failed": _(
        "Reading it failed, which is a fault of Perennial. Try again after an update."
    ),
    "ended_reader": _(
        "Reading it ended the program three times, so it is not tried any more by"
        " itself."
    ),
}
# What is wrong with a mailbox, and what to do.
MAILBOX_ERRORS = {
    "password_unreadable": _(
        "The stored password cannot be read, because SECRET_KEY has changed. Type the"
        " password again."
    ),
    "host_unknown": _("There is no server of this name. Look at how it is written."),
    "server_unreachable": _(
        "Nothing answers at this port. Look at the port, and whether a firewall is in"
        " between. Usual are 993 with TLS and 143 with STARTTLS."
    ),
    "certificate_refused": _(
        "The server’s certificate is not to be trusted: it is of another name, too old"
        " or made by itself. The password was not sent."
    ),
    "not_imap": _(
        "What answers there does not speak IMAP in this way. Usual are port 993 with"
        " TLS and port 143 with STARTTLS."
    ),
    "login_refused": _(
        "The server refuses this user and password. Many providers want a password for"
        " apps here, which you make in their settings."
    ),
    "consent_missing": _(
        "Nobody has consented at the provider yet. Open the mailbox and press Ask for"
        " consent."
    ),
    "consent_over": _(
        "The consent at the provider was withdrawn or has run out. Open the mailbox and"
        " press Ask for consent; what came in meanwhile is read then."
    ),
    "client_refused": _(
        "The provider refuses the client ID or its secret. Look at them in the"
        " provider’s console, and type the secret again."
    ),
    "provider_unreachable": _(
        "The provider’s address for tokens does not answer. It is tried again by"
        " itself."
    ),
    "folder_missing": _("There is no folder of this name."),
    "connection_lost": _("The connection broke off. It is tried again each minute."),
    "storage_refused": _(
        "The private storage takes no more: look whether the disk is full. Nothing is"
        " lost, the mail is still in the mailbox."
    ),
}
