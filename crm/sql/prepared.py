"""Statements that are parsed and planned once per connection, not at every request.

Django binds values on the client's side and never prepares. For a statement that joins
many tables or runs at every request of a customer's page, planning is most of its cost.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

type_model = TypeVar("type_model", bound=Model)
type_cursor = psycopg.Cursor[tuple[Any, ...]]


# Whoever forgets a connection of Django's closes what it held, and this is part of it.
_kept: WeakKeyDictionary[BaseDatabaseWrapper, type_cursor] = WeakKeyDictionary()


def first_row(statement: bytes, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row, or None; in the transaction and with the errors of Django."""
    database = _connected()
    with database.wrap_database_errors:
        cursor = _kept_cursor(database)
        return cursor.execute(statement, values, prepare=True).fetchone()


def rows(statement: bytes, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    database = _connected()
    with database.wrap_database_errors:
        # A cursor of its own: a kept one would keep all these rows as well.
        cursor = psycopg.Cursor(database.connection)
        return cursor.execute(statement, values, prepare=True).fetchall()


def run(statement: bytes, values: Mapping[str, Any] | Sequence[Any]) -> None:
    database = _connected()
    with database.wrap_database_errors:
        _kept_cursor(database).execute(statement, values, prepare=True)


def _connected() -> BaseDatabaseWrapper:
    """What Django's own cursor() does first."""
    database = connections[DEFAULT_DB_ALIAS]
    database.close_if_health_check_failed()
    database.ensure_connection()
    return database


def _kept_cursor(database: BaseDatabaseWrapper) -> type_cursor:
    """As long as the connection lives: a new cursor looks up anew how each type of
    value is written and read, which costs as much as the rest of a short statement."""
    cursor = _kept.get(database)
    if cursor is None or cursor.connection is not database.connection:
        cursor = _kept[database] = psycopg.Cursor(database.connection)
    return cursor


def instance(model: type[type_model], **values: Any) -> type_model:
    """A stored row of which these columns are known; others are read when asked."""
    names = [
        field.attname
        for field in model._meta.concrete_fields
        if field.attname in values
    ]
    return model.from_db(DEFAULT_DB_ALIAS, names, [values[name] for name in names])
