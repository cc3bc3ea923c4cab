"""How far the database knows the journal, and how an older copy of it is recognised.

A delivery does four things in this order:

1. in the transaction of the hand-over, at its end: write and sync the entry (`append`);
2. in the same transaction: store its number as the position (`advance`);
3. after the commit, before the first mail leaves: write that number back (`note_kept`);
4. send.

So the journal holds no number that the database has not stored, and a mail that left
has its number there. A database whose position is lower than that is an older copy,
whoever put it back and however: it is held, and no mail leaves. A kill between two of
these steps leaves the position at or above the number, so it raises no false alarm.
What is written between hand-overs is brought up to the position by a tick (`keep_up`).
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from crm.models import JournalState
from crm.rules.choices import HeldReason
from crm.services import audit
from crm.services.journal import files
from crm.services.journal.files import Entry, JournalUnwritable

KEPT = "kept"
NOT_HELD = Q(held_at=None) | Q(released_at__isnull=False)


class DatabaseIsOlder(Exception):
    """The journal knows of more than this database: it was put back."""


class JournalIsMissing(Exception):
    """The database knows of more than this journal: its folder is another one."""


def state() -> JournalState:
    """The one row of the position; created where there is none."""
    row, _ = JournalState.objects.get_or_create(id=1)
    return row


def look(*, now: datetime) -> JournalState:
    """The state, held from now on where the journal knows more than the database.

    Raises JournalIsMissing where the journal ends before the position, and
    JournalUnwritable where it cannot be read.
    """
    known = state()
    newest = _newest()
    if newest.kept > known.position and not known.is_held:
        # The number may have come in between the two looks: ask the database again.
        known = state()
        if newest.kept > known.position:
            hold(HeldReason.OLDER, now=now)
            return state()
    if newest.number < known.position:
        raise JournalIsMissing
    return known


def advance(entry: Entry) -> None:
    """Store the number of this entry as the position, as the last statement of a
    transaction: the row is locked until its end. Raises DatabaseIsOlder."""
    is_ours = JournalState.objects.filter(NOT_HELD, id=1, position__gte=entry.kept)
    if not is_ours.update(position=Greatest(F("position"), entry.number)):
        raise DatabaseIsOlder


def note_kept(entry: Entry, *, now: datetime) -> None:
    """The transaction of `advance` is committed: say so in the journal.

    Not synced: a crash that loses the line ends the process that would send, too.
    """
    files.append(KEPT, (), now=now, kept=entry.number, sync=False)


def keep_up(*, now: datetime) -> None:
    """Bring the position to the end of the journal; nothing where it is there already,
    or while the database is held."""
    newest = _newest()
    if newest.kind == KEPT or newest is files.NOTHING:
        return
    try:
        advance(newest)
        note_kept(newest, now=now)
    except (DatabaseIsOlder, JournalUnwritable):
        return


@transaction.atomic
def hold(reason: HeldReason, *, now: datetime) -> None:
    """From now on no mail leaves, until `release`."""
    JournalState.objects.update_or_create(
        id=1,
        defaults={"held_at": now, "held_reason": reason.value, "released_at": None},
    )
    audit.record("mail.held", f"journal:{reason.value}", now=now)


@transaction.atomic
def release(*, now: datetime) -> None:
    """A person has looked: the position is the end of the journal as it is here."""
    newest = files.last()
    JournalState.objects.filter(id=1).update(position=newest.number)
    held = JournalState.objects.filter(id=1, held_at__isnull=False, released_at=None)
    if held.update(released_at=Greatest(F("held_at"), now)):
        audit.record("mail.released", "journal:released", now=now)


def _newest() -> Entry:
    try:
        return files.last()
    except OSError as error:
        raise JournalUnwritable(str(error)) from error
