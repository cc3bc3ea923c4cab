"""What the errors of conversations say to a person."""

from django.utils.translation import gettext_lazy as _

from support.words import TROUBLE
from web import error_messages

error_messages.register(
    sentences={
        **TROUBLE,
        "conversation_closed": _(
            "A colleague closed this conversation in the meantime. Nothing was changed."
        ),
        "conversation_has_customer": _(
            "A colleague said already who this is. Nothing was changed."
        ),
    },
    general={
        "in_the_past": _("Choose a time to come"),
        "password_in_the_clear": _(
            "Choose TLS or STARTTLS: without, the password would travel in the clear."
            " Only a server on this machine may do without"
        ),
        "address_taken": _("Another mailbox has this address"),
        "host_invalid": _("Enter a name such as imap.example.org"),
    },
)
