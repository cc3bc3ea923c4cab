"""The lock that a slice of a job holds until it commits."""

from django.db import connection
from psycopg.sql import SQL

# Of the transaction, so that it ends with it however it ends, also behind a pooler.
_LOCK = SQL("SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 0))")


def try_lock(job_id: int) -> bool:
    """Whether the job is ours until this transaction ends; False: another has it."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"name": f"job:{job_id}"})
        return bool(cursor.fetchone()[0])
