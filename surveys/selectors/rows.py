"""The rows of a composed statement."""

from typing import Any

from django.db import connection
from psycopg.sql import Composed


def rows_of(query: Composed) -> list[tuple[Any, ...]]:
    """All of them."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
