"""Who is due next by one automation, and by what, to show its mail to staff."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import SQL

from messaging.kinds import Due
from messaging.sql.due import statement_of
from messaging.sql.reach import Reach, condition

_NEXT = SQL("""
SELECT due.customer_id, due.occurrence::text, due.due_on, due.why::jsonb
FROM ({due}) due (customer_id, occurrence, due_on, why)
WHERE (%s::bigint IS NULL OR due.customer_id = %s)
  AND EXISTS (SELECT FROM crm_customer live
              WHERE live.id = due.customer_id AND live.merged_into_id IS NULL
                AND live.erased_at IS NULL OFFSET 0){reach}
ORDER BY due.due_on, due.customer_id LIMIT %s
""")


@dataclass(frozen=True)
class DueRow:
    """One thing that falls due to a customer on a day."""

    customer_id: int
    occurrence: str
    due_on: date
    why: dict[str, Any]


def next_due(
    due: QuerySet[Any, dict[str, Any]] | Due,
    *,
    reach: Reach,
    customer_id: int | None = None,
    most: int,
) -> list[DueRow]:
    """The first so many within reach, of everybody or of this customer."""
    try:
        statement, params = statement_of(due)
    except EmptyResultSet:
        return []
    within = condition(reach, customer=SQL("due.customer_id"), moment=None)
    composed = _NEXT.format(due=SQL(statement), reach=within).as_string(None)
    with connection.cursor() as cursor:
        cursor.execute(composed, [*params, customer_id, customer_id, most])
        return [DueRow(*row) for row in cursor.fetchall()]
