"""Lists of columns put together by name, for INSERT, SELECT and UPDATE."""

from collections.abc import Iterable, Mapping

from psycopg.sql import SQL, Composed, Identifier


def listed(columns: Iterable[str], of: str = "") -> Composed:
    """The names with commas between them: a, b or t.a, t.b."""
    path = (of,) if of else ()
    return SQL(", ").join(Identifier(*path, column) for column in columns)


def values_of(expressions: Mapping[str, SQL | Composed]) -> Composed:
    """The expressions with commas between them: those of an INSERT."""
    return SQL(", ").join(expressions.values())


def as_named(expressions: Mapping[str, SQL | Composed]) -> Composed:
    """`expression AS column`, with commas between them."""
    return SQL(", ").join(
        SQL("{} AS {}").format(expression, Identifier(column))
        for column, expression in expressions.items()
    )


def assignments(expressions: Mapping[str, SQL | Composed]) -> Composed:
    """`column = expression`, with commas between them."""
    return SQL(", ").join(
        SQL("{} = {}").format(Identifier(column), expression)
        for column, expression in expressions.items()
    )
