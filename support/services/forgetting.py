"""Delete mails with everything that belongs to them, the contents in storage too."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from support.models import Conversation, Mail, MailFile, RawMail
from support.services import storage

# As long as a mail as it came may be needed: to read it again, or for the evidence.
RAW_KEPT = timedelta(days=90)
_SLICE = 500


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
