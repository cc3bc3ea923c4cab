"""Delete mails with everything that belongs to them, the contents in storage too."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from crm.rules import names
from support.models import Conversation, Mail, MailFile, RawMail
from support.selectors import searching
from support.services import storage
from support.services.searching import refresh

# As long as a mail as it came may be needed: to read it again, or for the evidence.
RAW_KEPT = timedelta(days=90)
_SLICE = 500
_LINES = ("to", "cc", "reply_to")
_HEADS = ("from_name", "from_address", *_LINES)


def delete_mails_before(moment: datetime) -> int:
    """Delete the mails written before this moment, and the conversations that have
    none left; how many mails."""
    gone = 0
    old = Mail.objects.filter(at__lt=moment)
    while rows := list(old.values_list("pk", "conversation_id")[:_SLICE]):
        with transaction.atomic():
            gone += delete_mails(Q(pk__in=[pk for pk, _conversation in rows]))
            left = {conversation for _pk, conversation in rows}
            Conversation.objects.filter(pk__in=left, mails=None).delete()
    return gone


@transaction.atomic
def delete_mails(which: Q) -> int:
    """Delete these mails, their files and the bytes they came as; how many."""
    mails = list(Mail.objects.filter(which).values_list("pk", flat=True))
    forget_contents(Q(mail__in=mails))
    RawMail.objects.filter(mail__in=mails).delete()
    Mail.objects.filter(pk__in=mails).delete()
    return len(mails)


def forget_contents(which: Q) -> None:
    """Delete from the storage, once this is committed, what the raw mails and files of
    these mails have there. `which` names them by `mail`."""
    for model in (RawMail, MailFile):
        storage.delete_on_commit(
            model.objects.filter(which).values_list("key", flat=True)
        )


def forget_address(email: str) -> None:
    """Take this address, as crm compares them, out of the heads of all mails, with the
    bytes that still have it. What they wrote in the conversation of somebody else is
    that one's, too."""
    changed = []
    for mail in Mail.objects.filter(pk__in=searching.mails_with(email)):
        if _take_out(mail, email):
            mail.save(update_fields=_HEADS)
            refresh(mail)
            changed.append(mail)
    raw = RawMail.objects.filter(mail__in=changed)
    storage.delete_on_commit(raw.values_list("key", flat=True))
    raw.delete()
    theirs = {mail.conversation_id for mail in changed}
    Conversation.objects.filter(pk__in=theirs, address=email).update(address="")


def _take_out(mail: Mail, email: str) -> bool:
    before = [getattr(mail, name) for name in _HEADS]
    if names.normalise_email(mail.from_address) == email:
        mail.from_name = mail.from_address = ""
    for name in _LINES:
        pairs = getattr(mail, name)
        kept = [pair for pair in pairs if names.normalise_email(pair[1]) != email]
        setattr(mail, name, kept)
    return before != [getattr(mail, name) for name in _HEADS]


def delete_raw(now: datetime) -> int:
    """Delete the bytes of mails that came long ago, and what no row names."""
    gone = 0
    old = RawMail.objects.filter(stored_at__lt=now - RAW_KEPT)
    while rows := list(old.values_list("pk", "key")[:_SLICE]):
        with transaction.atomic():
            RawMail.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
            storage.delete_on_commit([key for _, key in rows])
        gone += len(rows)
    return gone + storage.purge(now=now)
