"""Statements put together with psycopg, within queries of Django."""

from collections.abc import Mapping

from django.db import connection
from django.db.backends.postgresql.psycopg_any import mogrify
from django.db.models.expressions import RawSQL
from psycopg.sql import Composable


def subquery(
    statement: Composable, values: Mapping[str, object] | None = None
) -> RawSQL:
    """For `pk__in=subquery(ids)`; `values`: of its parameters, where it has some.

    Its values stand in it, quoted: a % is one, and not the place of a parameter.
    """
    text = statement.as_string()
    if values:
        text = mogrify(text, values, connection)
    return RawSQL(text.replace("%", "%%"), [])  # noqa: S611
