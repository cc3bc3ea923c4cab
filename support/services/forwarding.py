"""Send a mail or a whole conversation on to somebody else: their answer stays in a side
thread."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from crm.models import User
from support.errors import DraftFilesTooLarge, NothingChosen
from support.models import Conversation, Draft, Mail, MailFile
from support.rules import quoting, subjects
from support.selectors import threads
from support.services import drafts

_SUBJECT_MOST = 300


@transaction.atomic
def begin(mail: Mail, *, author: User, now: datetime) -> Draft:
    """A draft with the mail below, to be edited, and copies of its files."""
    known = Draft.objects.filter(author=author, forwards=mail, about="").first()
    if known is not None:
        return known
    draft = _draft(mail, author, _below(mail, mail.text), now)
    draft.save()
    drafts.add_copies(draft, list(mail.files.all()), now=now)
    return draft


def begun_of_all(conversation: Conversation, author: User) -> Draft | None:
    """The author's draft that sends this conversation on."""
    return Draft.objects.filter(author=author, about=_name_of(conversation)).first()


@transaction.atomic
def begin_of_all(
    conversation: Conversation,
    *,
    mails: Collection[int],
    files: Collection[int],
    author: User,
    now: datetime,
) -> Draft:
    """A draft with these mails of the conversation, oldest first, to be edited, and
    copies of these of their files; the one that is there, if one is.

    Raises NothingChosen without a mail, and DraftFilesTooLarge.
    """
    known = begun_of_all(conversation, author)
    if known is not None:
        return known
    chosen = [mail for mail in threads.all_mails(conversation) if mail.pk in mails]
    if not chosen:
        raise NothingChosen
    copied = [file for file in files_of(chosen) if file.pk in files]
    if sum(file.size for file in copied) > drafts.FILES_MOST_BYTES:
        raise DraftFilesTooLarge
    text = "\n".join(_below(mail, _own(mail)) for mail in chosen)
    draft = _draft(chosen[-1], author, text, now)
    draft.about = _name_of(conversation)
    draft.save()
    drafts.add_copies(draft, copied, now=now)
    return draft


def files_of(mails: Sequence[Mail]) -> list[MailFile]:
    """The files of these mails, each content once: signatures bring the same picture
    with every mail."""
    found: dict[str, MailFile] = {}
    for mail in mails:
        for file in mail.files.all():
            found.setdefault(file.sha256, file)
    return list(found.values())


def _name_of(conversation: Conversation) -> str:
    """What tells its draft from those of single mails."""
    return f"conversation:{conversation.pk}"


def _draft(mail: Mail, author: User, text: str, now: datetime) -> Draft:
    """Not saved."""
    return Draft(
        author=author,
        conversation=mail.conversation,
        customer=mail.conversation.customer,
        forwards=mail,
        subject=f"Fwd: {subjects.bare(mail.subject)}"[:_SUBJECT_MOST],
        text=text,
        quotes=False,
        begun_at=now,
        changed_at=now,
    )


def _own(mail: Mail) -> str:
    """Without what it quotes: that stands in the mails before."""
    return mail.text if mail.is_ours else quoting.folded(mail.text)[0]


def _below(mail: Mail, words: str) -> str:
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
            words,
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
