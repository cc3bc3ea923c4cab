"""What of the conversations is forgotten after a time."""

from django.utils.translation import gettext_lazy as _

from crm.kept_data import Fixed, Retention, older, register
from support.models import Mail
from support.services import changes, drafts, forgetting, notices

register(
    Retention(
        setting="conversation_keep_days",
        order=15,
        label=_("Conversations"),
        holds=_("What customers and we wrote to each other, with the files in it."),
        unit=_("mails of conversations"),
        count=older(Mail, "at"),
        delete=forgetting.delete_mails_before,
    ),
    Fixed(
        name="drafts",
        order=15,
        label=_("Mails that were begun and never sent"),
        how_long=_("90 days"),
        delete=drafts.discard_old,
    ),
    Fixed(
        name="changes of conversations",
        order=15,
        label=_("What was done to conversations, for as long as it can be taken back"),
        how_long=_("30 days"),
        delete=changes.forget,
    ),
    Fixed(
        name="notices of conversations",
        order=15,
        label=_("Which conversations colleagues were told of and have not opened"),
        how_long=_("30 days"),
        delete=notices.forget,
    ),
    Fixed(
        name="raw mails",
        order=15,
        label=_("Mails as they came in, before anything read them"),
        how_long=_("90 days"),
        delete=forgetting.delete_raw,
    ),
)
