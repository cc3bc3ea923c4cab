"""One import of a kind and source at a time, and what its session needs."""

from psycopg.sql import SQL

# Held by the session, so that a killed import frees it by dying.
LOCK = SQL("SELECT pg_try_advisory_lock(hashtextextended(%(name)s, 0))")
UNLOCK = SQL("SELECT pg_advisory_unlock(hashtextextended(%(name)s, 0))")
# A slice may take longer than a page; the longest wait for a lock stays as it is.
PREPARE_SLICE = (
    SQL("SET LOCAL statement_timeout = 0"),
    SQL("SET LOCAL work_mem = '64MB'"),
    # A rough look at the staging tables is enough to choose the joins.
    SQL("SET LOCAL default_statistics_target = 10"),
)
