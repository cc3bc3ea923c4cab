"""One import of a kind and source at a time."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from crm.errors import ImportIsRunning
from crm.sql import import_runs

logger = logging.getLogger(__name__)

# A killed import frees its lock when the server has noticed.
LOCK_TRIES = 7
LOCK_PAUSE_SECONDS = 0.5


@contextmanager
def only_one(
    kind: str, source: str, *, tries: int | None = None
) -> Iterator[Callable[[], None]]:
    """Two imports of one kind and source would replace each other's orders.

    The lock belongs to a transaction of a connection of its own, which a pooler keeps
    together; one of the session could end up in somebody else's. Yields a function that
    raises where the lock is gone. Raises ImportIsRunning.
    """
    name = {"name": f"import:{kind}:{source}"}
    holder = connection.copy()
    try:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            cursor.execute(import_runs.KEEP_WAITING)
            _wait_for_lock(cursor, name, tries or LOCK_TRIES)
            yield lambda: cursor.execute("SELECT 1")
    finally:
        _let_go(holder)


def _let_go(holder: BaseDatabaseWrapper) -> None:
    """The end of the transaction is waited for; of a closed connection the server takes
    notice when it gets to it, and would refuse the next import until then."""
    try:
        holder.rollback()
    except Error:
        logger.warning("The lock of an import went with its connection", exc_info=True)
    finally:
        holder.close()


def _wait_for_lock(cursor: CursorWrapper, name: Mapping[str, str], tries: int) -> None:
    for attempt in range(tries):
        if attempt:
            time.sleep(LOCK_PAUSE_SECONDS)
        cursor.execute(import_runs.LOCK, name)
        if cursor.fetchone()[0]:
            return
    raise ImportIsRunning
