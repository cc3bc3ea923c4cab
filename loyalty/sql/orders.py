"""One order of the shop at a time, by its key alone: it need not be one of our rows."""

from django.db import connection


def lock(order_key: str) -> None:
    """Ours until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('redeem ' || %s, 0))",
            [order_key],
        )
