"""Statements that every page asks, put together once.

Django writes the SQL of a query anew each time, which for one row by its key takes
twice as long as to send it, to answer it and to make an object of it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet

_M = TypeVar("_M", bound=Model)


class FixedQuery(Generic[_M]):
    """Rows of one table by a query of which only the values differ.

    `example` makes it with values of any kind; it joins no other table and names no
    list. What is found is what `example` would find with the values of `rows`, which
    come in the order in which its SQL names them: that of the alphabet for `filter`.
    """

    def __init__(self, example: Callable[[], QuerySet[_M]]) -> None:
        self._example = example

    def rows(self, *values: int | str | datetime) -> list[_M]:
        """The rows of these values."""
        sql, model, names, convert = self._statement
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            found = cursor.fetchall()
        return [model.from_db(DEFAULT_DB_ALIAS, names, row) for row in convert(found)]

    def one(self, *values: int | str | datetime) -> _M | None:
        """The first of them; None where there is none."""
        return next(iter(self.rows(*values)), None)

    @cached_property
    def _statement(
        self,
    ) -> tuple[str, type[_M], Sequence[str], Callable[[Any], Any]]:
        rows = self._example()
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, _values = compiler.as_sql()
        columns = [column for column, _sql, _name in compiler.select]
        assert rows.query.select_related is False
        converters = compiler.get_converters(columns)
        names = [column.target.attname for column in columns]
        if not converters:
            return sql, rows.model, names, list
        return (
            sql,
            rows.model,
            names,
            lambda found: compiler.apply_converters(found, converters),
        )
