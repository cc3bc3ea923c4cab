"""What the apps below report: of mails that colleagues wrote, and of colleagues."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import ngettext

from crm.models import User
from crm.signals import colleague_deactivated
from messaging import contact_links, reply_addresses
from messaging.models import Message
from messaging.signals import messages_finished
from support.selectors import threads
from support.services import addresses, away, contact_form, writing

reply_addresses.register(addresses.of_messages)
contact_links.register(contact_form.path_of)


@receiver(messages_finished)
def note_failure(*, messages: Sequence[Message], now: datetime, **_more: Any) -> None:
    """Note for its author a mail that did not reach somebody."""
    mails = {
        threads.mail_id_of(message)
        for message in messages
        if message.kind == threads.KIND and message.state in threads.FAILED
    }
    if mails:
        writing.note_failure(mails, now=now)


@receiver(colleague_deactivated)
def give_back(*, user: User, now: datetime, **_more: Any) -> str:
    """Nobody would look at what is assigned to them: it goes to Unassigned."""
    count = away.give_back_all(user, now=now)
    if not count:
        return ""
    return ngettext(
        "%(count)d conversation went to Unassigned, also if you take this back.",
        "%(count)d conversations went to Unassigned, also if you take this back.",
        count,
    ) % {"count": count}
