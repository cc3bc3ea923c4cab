"""Write an entry before the commit that it belongs to."""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from datetime import datetime

from django.db import transaction

from crm.models import JournalGap
from crm.services.journal import files
from crm.services.journal.files import JournalUnwritable, Row

logger = logging.getLogger(__name__)

_is_replaying: ContextVar[bool] = ContextVar("perennial_replaying", default=False)


@contextlib.contextmanager
def replaying() -> Iterator[None]:
    """Nothing is recorded inside: it stands in the journal already."""
    token = _is_replaying.set(True)
    try:
        yield
    finally:
        _is_replaying.reset(token)


def record(kind: str, *rows: Row, now: datetime) -> None:
    """Append what happened to the journal, inside the transaction that it is part of.

    `rows` hold ids, keyed hashes and times, never names or addresses. One call is one
    wait for the disk, so give many rows at once.

    Where the disk refuses, the change is made all the same: who opts out must not have
    to come back because our disk is full. The entry then waits in the database, the log
    and `doctor` report it, and a tick writes it once there is room. What could be lost
    is only a withdrawal whose database dies while the disk is full, too.
    """
    if not rows or _is_replaying.get():
        return
    try:
        files.append(kind, rows, now=now)
    except JournalUnwritable as error:
        _keep_here(kind, rows, now, error)


def _keep_here(
    kind: str, rows: Sequence[Row], now: datetime, error: JournalUnwritable
) -> None:
    logger.critical(
        "The journal in %s cannot be written, %r waits in the database: %s",
        files.folder(),
        kind,
        error,
    )
    JournalGap.objects.create(kind=kind, rows=list(rows), at=now)


@transaction.atomic
def fill_gaps() -> int:
    """Write what waits in the database into the journal; how much that was."""
    gaps = list(JournalGap.objects.order_by("id").select_for_update(skip_locked=True))
    written = []
    for gap in gaps:
        try:
            files.append(gap.kind, gap.rows, now=gap.at)
        except JournalUnwritable:
            break
        written.append(gap.pk)
    JournalGap.objects.filter(pk__in=written).delete()
    return len(written)
