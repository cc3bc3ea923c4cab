"""Statements put together with psycopg, within queries of Django."""

from django.db.models.expressions import RawSQL
from psycopg.sql import Composable


def subquery(statement: Composable) -> RawSQL:
    """For `pk__in=subquery(ids)`.

    Its values stand in it, quoted: a % is one, and not the place of a parameter.
    """
    return RawSQL(statement.as_string().replace("%", "%%"), [])  # noqa: S611
