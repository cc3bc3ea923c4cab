"""How many would be due per day, without writing a row."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import SQL

from messaging.kinds import Due
from messaging.sql.planning import statement_of

_PER_DAY = SQL("""
SELECT due.due_on, count(DISTINCT due.customer_id)
FROM ({due}) due (customer_id, occurrence, due_on, why)
WHERE NOT EXISTS (
    SELECT FROM messaging_message message
    WHERE message.kind = {kind} AND message.customer_id = due.customer_id
      AND message.occurrence = due.occurrence::text
      AND message.final_at IS NOT NULL AND message.state <> 'superseded'
)
GROUP BY due.due_on ORDER BY due.due_on
""")


def due_per_day(
    kind: str, due: "QuerySet[Any, dict[str, Any]] | Due"
) -> Iterator[tuple[date, int]]:
    """(day, people) of those who are due and were not settled before."""
    try:
        statement, params = statement_of(due)
    except EmptyResultSet:
        return
    composed = _PER_DAY.format(due=SQL(statement), kind=SQL("%s"))
    with connection.cursor() as cursor:
        cursor.execute(composed.as_string(None), [*params, kind])
        yield from cursor.fetchall()
