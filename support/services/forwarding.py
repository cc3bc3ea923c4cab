"""Send a mail on to somebody else: their answer stays in a side thread."""

from datetime import datetime

from django.db import transaction

from crm.models import User
from support.models import Conversation, Draft, Mail
from support.rules import subjects
from support.services import drafts

_SUBJECT_MOST = 300


@transaction.atomic
def begin(mail: Mail, *, author: User, now: datetime) -> Draft:
    """A draft with the mail below, to be edited, and copies of its files."""
    known = Draft.objects.filter(author=author, forwards=mail).first()
    if known is not None:
        return known
    draft = Draft.objects.create(
        author=author,
        conversation=mail.conversation,
        customer=mail.conversation.customer,
        forwards=mail,
        subject=f"Fwd: {subjects.bare(mail.subject)}"[:_SUBJECT_MOST],
        text=_below(mail),
        quotes=False,
        begun_at=now,
        changed_at=now,
    )
    drafts.add_copies(draft, list(mail.files.all()), now=now)
    return draft


def _below(mail: Mail) -> str:
    """As mail programs write it, in no language but that of the headers."""
    return "\n".join(
        (
            "",
            "",
            "---------- Forwarded message ----------",
            f"From: {mail.sender}",
            f"Date: {mail.at:%Y-%m-%d %H:%M}",
            f"Subject: {mail.subject}",
            "",
            mail.text,
        )
    )


def side_thread(draft: Draft, parent: Conversation, now: datetime) -> Conversation:
    """The conversation that the forwarded mail begins. It has the customer of its
    parent, so that it is exported, erased and merged with it."""
    return Conversation.objects.create(
        side_of=parent,
        customer=parent.customer,
        mailbox=parent.mailbox,
        subject=subjects.bare(draft.subject)[:_SUBJECT_MOST],
        language=parent.language,
        assignee=draft.author,
        opened_at=now,
        last_mail_at=now,
    )
