"""Statements that are parsed and planned once per connection, not at every request.

Django binds values on the client's side and never prepares. For a statement that joins
many tables or runs at every request of a customer's page, planning is most of its cost.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model

type_model = TypeVar("type_model", bound=Model)


def first_row(statement: bytes, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row, or None; in the transaction and with the errors of Django."""
    with _executed(statement, values) as cursor:
        return cursor.fetchone()


def rows(statement: bytes, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with _executed(statement, values) as cursor:
        return cursor.fetchall()


def run(statement: bytes, values: Mapping[str, Any] | Sequence[Any]) -> None:
    with _executed(statement, values):
        pass


@contextmanager
def _executed(
    statement: bytes, values: Mapping[str, Any] | Sequence[Any]
) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    # What Django's own cursor() does first.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection) as cursor,
    ):
        cursor.execute(statement, values, prepare=True)
        yield cursor


def instance(model: type[type_model], **values: Any) -> type_model:
    """A stored row of which these columns are known; others are read when asked."""
    names = [
        field.attname
        for field in model._meta.concrete_fields
        if field.attname in values
    ]
    return model.from_db(DEFAULT_DB_ALIAS, names, [values[name] for name in names])
