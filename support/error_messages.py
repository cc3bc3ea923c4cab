"""What the errors of conversations say to a person."""

from django.utils.translation import gettext_lazy as _

from support.words import MAILBOX_ERRORS
from web import error_messages

error_messages.register(
    sentences={
        **MAILBOX_ERRORS,
        "conversation_closed": _(
            "A colleague closed this conversation in the meantime. Nothing was changed."
        ),
        "conversation_joined": _(
            "A colleague joined this conversation to another one, which opens in its"
            " place. Nothing was changed."
        ),
        "nothing_to_join": _("Choose at least two conversations. Nothing was changed."),
        "different_people": _(
            "These conversations are with different people, so they stay apart. Say"
            " first who wrote, or merge the customers."
        ),
        "nothing_to_split": _("Choose some of the mails, but not all of them."),
        "inbox_rule_exists": _("There is a rule of this name already."),
        "change_undone": _("This was taken back already. Nothing was changed."),
        "conversation_has_customer": _(
            "A colleague said already who this is. Nothing was changed."
        ),
        "nobody_known": _(
            "Say first whose conversation this is. What you wrote is kept."
        ),
        "draft_gone": _("This mail was sent or thrown away already."),
        "nobody_to_write_to": _("Say to whom the mail goes. What you wrote is kept."),
        "nothing_written": _("Write something first, or put a file to it."),
        "nothing_chosen": _("Choose at least one mail. Nothing was begun."),
        "addresses_refused": _(
            "Some addresses cannot be written to. What you wrote is kept."
        ),
        "addresses_bounced": _(
            "Mail to some addresses came back or is blocked. What you wrote is kept."
        ),
        "mail_already_left": _("This mail has left: it cannot be taken back."),
        "draft_files_too_large": _("The files of a mail may have 15 MB together."),
        "picture_refused": _(
            "Choose a PNG, JPEG, GIF or WebP picture of at most 5 MB."
            " What you wrote is kept."
        ),
        "snooze_day_over": _(
            "Choose a day from tomorrow to a year ahead. Nothing was changed."
        ),
        "send_time_over": _("Choose a time from now to a year ahead."),
        "saved_reply_exists": _("There is a saved reply of this name already."),
    },
    general={
        "in_the_past": _("Choose a time to come"),
        "password_in_the_clear": _(
            "Choose TLS or STARTTLS: without, the password would travel in the clear."
            " Only a server on this machine may do without"
        ),
        "address_taken": _("Another mailbox has this address"),
        "url_not_safe": _("Enter a whole address that begins with https://"),
        "host_invalid": _("Enter a name such as imap.example.org"),
    },
    of_field={
        ("until", "ends_before"): _("Choose a day to come, after the first one"),
        ("sender", "rule_asks_nothing"): _(
            "Say which mails it is for: sender, recipient, words, mailbox or language"
        ),
        ("assignee", "rule_does_nothing"): _(
            "Say what it does: assign, tag, set the kind, or close"
        ),
        ("text", "unknown_placeholder"): _("One of the words in braces is not known"),
        ("to", "too_many"): _("At most 50 people can get one mail"),
    },
)
