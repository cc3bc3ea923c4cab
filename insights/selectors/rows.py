"""The rows of a composed statement."""

from typing import Any

from django.db import connection
from psycopg.sql import Composable


def rows_of(statement: Composable) -> list[tuple[Any, ...]]:
    """All of them, each as a tuple."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
