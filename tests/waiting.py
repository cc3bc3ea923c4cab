"""Two at once, of whom the second waits for the first."""

import time

from django.db import connection


def until_somebody_waits() -> None:
    """Until another connection stands before a lock of this transaction."""
    with connection.cursor() as cursor:
        # Counted: the clock of a test may stand still.
        for _ in range(500):
            cursor.execute(
                "SELECT 1 FROM pg_locks WHERE NOT granted"
                " AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone():
                return
            time.sleep(0.02)
    raise AssertionError("Nobody came to the lock.")
