"""Who would be due and when, without writing a row."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import SQL, Composable, Literal

from messaging.kinds import Due
from messaging.sql.planning import statement_of
from messaging.sql.reach import Reach, condition

_OPEN = SQL("""
FROM ({due}) due (customer_id, occurrence, due_on, why)
WHERE NOT EXISTS (
    SELECT FROM messaging_message message
    WHERE message.kind = {kind} AND message.customer_id = due.customer_id
      AND message.occurrence = {prefix} || due.occurrence::text
      AND message.final_at IS NOT NULL AND message.state <> 'superseded'
){reach}
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


@dataclass(frozen=True)
class Asked:
    """Who is due by a kind, within the reach of one automation of it."""

    kind: str
    due: QuerySet[Any, dict[str, Any]] | Due
    occurrence_prefix: str
    reach: Reach


def due_per_day(asked: Asked) -> list[tuple[date, int]]:
    """(day, people) of those who are due and were not settled before."""
    return _ask(_PER_DAY, asked)


def some_due(asked: Asked, *, most: int) -> list[tuple[int, date]]:
    """(customer id, first day) of so many of them at most."""
    return _ask(_SOME, asked, most=Literal(most))


def _ask(question: SQL, asked: Asked, **parts: Composable) -> list[Any]:
    try:
        statement, params = statement_of(asked.due)
    except EmptyResultSet:
        return []
    still_open = _OPEN.format(
        due=SQL(statement),
        prefix=Literal(asked.occurrence_prefix),
        # All of it is ahead of us, and so after any switching on.
        reach=condition(asked.reach, customer=SQL("due.customer_id"), moment=None),
        kind=SQL("%s"),
    )
    composed = question.format(open=still_open, **parts).as_string(None)
    with connection.cursor() as cursor:
        cursor.execute(composed, [*params, asked.kind])
        found: list[Any] = cursor.fetchall()
    return found
