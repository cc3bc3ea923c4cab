"""Journal entries of a hand-over; their order is that of `journal.position`.

The mails of a group are one line, written and synced before the commit that hands them
over: one wait for the disk for up to two hundred mails. How they ended is a line
without a wait; the next group's wait brings it to the disk, too. After a crash of the
machine some outcomes may be missing, and a restored copy shows those as uncertain.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from crm.services.journal import Entry, JournalUnwritable, files, position
from messaging.models import Message
from messaging.rules.smtp_replies import Meaning
from messaging.services import journal_rows
from messaging.services.delivery.outcomes import Attempt

logger = logging.getLogger(__name__)


def enter(leaving: Mapping[Message, bytes], *, now: datetime) -> Entry | None:
    """Say that these may be leaving, with the hashes of their addresses.

    Call it last in the transaction that hands them over. None where there are none.
    Raises JournalUnwritable, and DatabaseIsOlder where this is a copy put back.
    """
    if not leaving:
        return None
    rows = [journal_rows.handed(message, one) for message, one in leaving.items()]
    entry = files.append(journal_rows.HANDED, rows, now=now)
    position.advance(entry)
    return entry


def note_kept(entry: Entry | None, *, now: datetime) -> bool:
    """The hand-over is committed. False: the journal does not know; none may leave."""
    try:
        if entry is not None:
            position.note_kept(entry, now=now)
    except JournalUnwritable:
        logger.exception("No mail leaves without its line in the journal")
        return False
    return True


def note_outcomes(tries: Sequence[Attempt], *, now: datetime) -> None:
    """Which of them left and which did not; the rest is uncertain."""
    note_sent((one.message for one in tries if _left(one)), now=now)
    note_returned((one.message for one in tries if _left(one) is False), now=now)


def note_sent(messages: Iterable[Message], *, now: datetime) -> None:
    """Note in the journal that these left."""
    _note(journal_rows.SENT, messages, now)


def note_returned(messages: Iterable[Message], *, now: datetime) -> None:
    """Note in the journal that these went back to wait, or failed."""
    _note(journal_rows.RETURNED, messages, now)


def _left(one: Attempt) -> bool | None:
    if one.answer is None:
        return False
    if one.answer.meaning is Meaning.UNKNOWN:
        return None
    return one.answer.meaning is Meaning.ACCEPTED


def _note(kind: str, messages: Iterable[Message], now: datetime) -> None:
    """Without effect on the mails: what is missing here is in doubt after a restore."""
    rows = [journal_rows.outcome(message) for message in messages]
    if not rows:
        return
    try:
        files.append(kind, rows, now=now, sync=False)
    except JournalUnwritable:
        logger.exception("The journal does not know how %s mails ended", len(rows))
