"""Who would be due and when, without writing a row."""

from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import SQL, Composable, Literal

from messaging.kinds import Due
from messaging.sql.planning import statement_of

_OPEN = SQL("""
FROM ({due}) due (customer_id, occurrence, due_on, why)
WHERE NOT EXISTS (
    SELECT FROM messaging_message message
    WHERE message.kind = {kind} AND message.customer_id = due.customer_id
      AND message.occurrence = due.occurrence::text
      AND message.final_at IS NOT NULL AND message.state <> 'superseded'
)
""")
_PER_DAY = SQL("""
SELECT due.due_on, count(DISTINCT due.customer_id) {open}
GROUP BY due.due_on ORDER BY due.due_on
""")
# The hash makes a fair choice of them, and the same one every time.
_SOME = SQL("""
SELECT due.customer_id, min(due.due_on) {open}
GROUP BY due.customer_id ORDER BY hashint8(due.customer_id), 1 LIMIT {most}
""")


def due_per_day(
    kind: str, due: QuerySet[Any, dict[str, Any]] | Due
) -> list[tuple[date, int]]:
    """(day, people) of those who are due and were not settled before."""
    return _ask(_PER_DAY, kind, due)


def some_due(
    kind: str, due: QuerySet[Any, dict[str, Any]] | Due, *, most: int
) -> list[tuple[int, date]]:
    """(customer id, first day) of so many of them at most."""
    return _ask(_SOME, kind, due, most=Literal(most))


def _ask(
    question: SQL,
    kind: str,
    due: QuerySet[Any, dict[str, Any]] | Due,
    **parts: Composable,
) -> list[Any]:
    try:
        statement, params = statement_of(due)
    except EmptyResultSet:
        return []
    still_open = _OPEN.format(due=SQL(statement), kind=SQL("%s"))
    asked = question.format(open=still_open, **parts).as_string(None)
    with connection.cursor() as cursor:
        cursor.execute(asked, [*params, kind])
        found: list[Any] = cursor.fetchall()
    return found
