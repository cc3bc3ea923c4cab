"""Who had something in a programme at the end of each month, kept up to date: a trigger
marks each ledger that grows, and a tick counts the marked ones."""

from time import monotonic

from django.db import connection, transaction

from insights.sql import held as sql

# Whoever posts to one of them waits for the slice: a tenth of a second.
SLICE = 500


def process_pending(*, seconds: float = 20) -> int:
    """Count the marked ledgers anew, in slices that commit; how many it were."""
    ends_at, processed = monotonic() + seconds, 0
    while counted := _process_slice():
        processed += counted
        if monotonic() >= ends_at:
            break
    return processed


@transaction.atomic
def _process_slice() -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.PREPARE)
        cursor.execute(sql.TAKE_MARKS, {"most": SLICE})
        ids = [pk for (pk,) in cursor.fetchall()]
        if ids:
            # After the marks were taken: whoever posts from now on marks again.
            cursor.execute(sql.COUNT, {"ids": ids})
    return len(ids)
