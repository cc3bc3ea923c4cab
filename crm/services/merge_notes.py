"""What the steps of the apps change in a merge besides moving rows, and its old values.

For `before_merge` and `before_undo` of `crm/personal_rows.py`.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from psycopg.sql import SQL

from crm.models import MergeMove
from crm.personal_rows import Merge
from crm.sql import merging as sql


def note(merge: Merge, rows: str, before: Mapping[int, Mapping[str, Any]]) -> None:
    """Note under a name of one's own (no name of PersonalRows, which would move them)
    what was changed: row id -> the old values, as JSON has them."""
    MergeMove.objects.bulk_create(
        MergeMove(merge_id=merge.id, rows=rows, row_id=pk, before=dict(values))
        for pk, values in before.items()
    )


def arrived(rows: str, row_id: int, *, by: int) -> None:
    """Note a row that came in for the record `by`, which may be merged: should the two
    part again, it is that one's. `rows` is a name of PersonalRows."""
    statement = sql.note_arrivals(
        rows, SQL("SELECT %(by)s::bigint AS record, %(row)s::bigint AS row_id")
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"by": by, "row": row_id})


def noted(merge: Merge, rows: str) -> dict[int, dict[str, Any]]:
    """What `note` wrote down in this merge."""
    found = MergeMove.objects.filter(merge_id=merge.id, rows=rows)
    return dict(found.values_list("row_id", "before"))
