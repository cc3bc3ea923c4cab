"""One import of a kind and source at a time, and what its transactions need."""

from psycopg.sql import SQL

# Held by a transaction that does nothing else: a killed import frees it by dying.
LOCK = SQL("SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 0))")
KEEP_WAITING = SQL("SET LOCAL idle_in_transaction_session_timeout = 0")
ANY_LENGTH = SQL("SET LOCAL statement_timeout = 0")
# A slice may take longer than a page; the longest wait for a lock stays as it is.
PREPARE_SLICE = (
    ANY_LENGTH,
    SQL("SET LOCAL work_mem = '64MB'"),
    # A rough look at the staging tables is enough to choose the joins.
    SQL("SET LOCAL default_statistics_target = 10"),
    # Rows of a slice are few beside the tables, and the indexes that find them are in
    # memory: read whole, a million customers would be read with every slice.
    SQL("SET LOCAL random_page_cost = 1.1"),
)
