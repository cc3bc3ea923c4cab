"""Read mailboxes: what is new in each folder is stored, mail by mail, and then read.

How far a folder is read is committed together with the mail that it was read up to. A
kill at any moment loses nothing and stores nothing twice.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from support.errors import MailboxError, StorageRefused
from support.models import Mailbox, MailFolder
from support.rules.choices import MailSource
from support.services import filing, imap, receiving

logger = logging.getLogger(__name__)

# Longer than one pass; so long a mailbox waits for a process that was killed.
_LEASE = timedelta(minutes=3)
# At once; then what was stored is read, and the next pass goes on.
_MOST_AT_ONCE = 500
# Between two tries while something is wrong.
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(minutes=15)


def fetch_all(*, now: datetime, seconds: float) -> int:
    """One pass over every mailbox that is on, for so many seconds at most; how many
    mails were new."""
    until = time.monotonic() + seconds
    receiving.read_waiting(now=now, until=until)
    new = 0
    # Anyone who waited longest comes first.
    order = F("read_at").asc(nulls_first=True)
    due = Q(next_try_at=None) | Q(next_try_at__lte=now)
    mailboxes = Mailbox.objects.filter(due, is_on=True).exclude(host="")
    for mailbox in mailboxes.select_related("grant").order_by(order, "pk"):
        if time.monotonic() >= until:
            break
        new += fetch(mailbox, now=now, until=until)
    return new


def fetch(mailbox: Mailbox, *, now: datetime, until: float) -> int:
    """Store and read what is new in this mailbox until that moment of the monotonic
    clock; how many mails. What is wrong is noted at the mailbox and never raised."""
    if not _leased(mailbox, now):
        return 0
    try:
        new = _fetch(mailbox, now, until)
    except MailboxError as error:
        logger.warning("Mailbox %s: %s", mailbox.pk, error.code)
        _note(mailbox, error.code, now)
        return 0
    _note(mailbox, "", now)
    return new


def _fetch(mailbox: Mailbox, now: datetime, until: float) -> int:
    new = 0
    with imap.opened(mailbox, now=now) as connection:
        if mailbox.files_sent:
            filing.file_sent(connection, mailbox)
        # First what we wrote: an answer to it finds it there.
        if mailbox.sent_folder:
            new += _fetch_folder(
                connection,
                mailbox,
                mailbox.sent_folder,
                MailSource.SENT_FOLDER,
                now,
                until,
            )
        new += _fetch_folder(
            connection, mailbox, imap.INBOX, MailSource.IMAP, now, until
        )
    return new


def _fetch_folder(
    connection: imap.Connection,
    mailbox: Mailbox,
    name: str,
    source: MailSource,
    now: datetime,
    until: float,
) -> int:
    folder = _folder(mailbox, name, connection.open_folder(name))
    new = 0
    for uid in connection.uids_above(folder.last_uid)[:_MOST_AT_ONCE]:
        if time.monotonic() >= until:
            break
        fetched = connection.fetch(uid, most=receiving.MOST_BYTES)
        new += _store(fetched, folder, uid, mailbox, source, now)
    receiving.read_waiting(now=now, until=until)
    return new


def _folder(mailbox: Mailbox, name: str, uid_validity: int) -> MailFolder:
    """How far it is read; from the beginning where the server numbered its mails anew.
    What is there already is known by its bytes."""
    folder, _ = MailFolder.objects.get_or_create(
        mailbox=mailbox, name=name, defaults={"uid_validity": uid_validity}
    )
    if folder.uid_validity != uid_validity:
        folder.uid_validity, folder.last_uid = uid_validity, 0
        folder.save()
    return folder


@transaction.atomic
def _store(
    fetched: imap.Fetched | None,
    folder: MailFolder,
    uid: int,
    mailbox: Mailbox,
    source: MailSource,
    now: datetime,
) -> int:
    MailFolder.objects.filter(pk=folder.pk, last_uid__lt=uid).update(last_uid=uid)
    if fetched is None:
        return 0
    try:
        _, is_new = receiving.store(
            fetched.content,
            source=source,
            mailbox=mailbox,
            now=now,
            arrived_at=fetched.arrived_at,
            is_cut=fetched.is_cut,
        )
    except OSError as error:
        raise StorageRefused from error
    return int(is_new)


def _leased(mailbox: Mailbox, now: datetime) -> bool:
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    # A clock that was put back must not close a mailbox for long.
    free |= Q(leased_until__gt=now + _LEASE)
    rows = Mailbox.objects.filter(free, pk=mailbox.pk, is_on=True)
    return bool(rows.update(leased_until=now + _LEASE))


def _note(mailbox: Mailbox, error_code: str, now: datetime) -> None:
    rows = Mailbox.objects.filter(pk=mailbox.pk)
    if error_code:
        rows.exclude(error_code=error_code).update(
            error_code=error_code, error_since=now
        )
        # Wrong credentials each minute could lock the account.
        failures = mailbox.failures + 1
        wait = min(_FIRST_WAIT * 2 ** min(failures - 1, 10), _LONGEST_WAIT)
        rows.update(failures=failures, next_try_at=now + wait)
    else:
        rows.update(error_code="", error_since=None, read_at=now)
        rows.update(failures=0, next_try_at=None)
    rows.update(leased_until=None)
