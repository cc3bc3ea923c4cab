"""A mailbox writes to itself: only once that came in do replies leave from its address.

It writes twice, the second time to its address with a tag: not every server takes
those.

The subject holds a signature that no one else can make, so that the mail is known even
where a server on the way changes its headers.
"""

import re
from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from crm.services import audit
from messaging.models import Message
from messaging.services import direct
from support.models import Mailbox, RawMail
from support.rules.choices import MailSource
from support.services import addresses, checking
from support.services.reading import Found

KIND = "mailbox_test"
_SALT = "support.mailbox-test"
_SIGNED = re.compile(r"\[([0-9a-f]{20})\]")


def ask(mailbox: Mailbox, *, now: datetime) -> None:
    """Send two mails from the address of the mailbox to itself, by its own account."""
    for to in (
        mailbox.address,
        addresses.address_to_try(mailbox, int(now.timestamp())),
    ):
        direct.post(
            kind=KIND,
            to=to,
            occurrence=f"mailbox:{mailbox.pk}:{now:%Y%m%dT%H%M%S}",
            now=now,
            why={"mailbox": mailbox.pk},
            account=mailbox.sending,
        )


def mailbox_id_of(message: Message) -> int:
    """The mailbox that a test is of."""
    return int(message.why["mailbox"])


def signature_of(mailbox: Mailbox) -> str:
    """Of this address, and the account by which it sends."""
    sending = mailbox.sending
    account = f"{sending.host}:{sending.port}:{sending.user}" if sending else ""
    signed = f"{mailbox.pk} {mailbox.address} {account}"
    return salted_hmac(_SALT, signed, algorithm="sha256").hexdigest()[:20]


@transaction.atomic
def take(found: Found, raw: RawMail, *, now: datetime) -> bool:
    """Whether this is such a mail that came into its mailbox; then that is noted."""
    signed = _SIGNED.search(found.subject)
    if signed is None or raw.mailbox_id is None:
        return False
    mailbox = Mailbox.objects.select_related("sending").get(pk=raw.mailbox_id)
    if not constant_time_compare(signature_of(mailbox), signed[1]):
        return False
    if mailbox.is_read and raw.source != MailSource.IMAP:
        # Brought by another way, it does not show that the mailbox itself gets mail.
        return False
    if found.checked:
        # No one else could write this mail, so its topmost header is our server's.
        checking.learn(mailbox, found.checked[0].server, now=now)
    rows = Mailbox.objects.filter(pk=mailbox.pk)
    if addresses.named(found.delivered_to) is not None:
        rows.filter(tags_seen_at=None).update(tags_seen_at=now)
    if rows.filter(confirmed_at=None).update(confirmed_at=now):
        audit.record("mailbox.confirmed", f"mailbox:{mailbox.pk}", now=now)
    return True
