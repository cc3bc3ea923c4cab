"""What the steps of the apps change in a merge besides moving rows, and its old values.

For `before_merge` and `before_undo` of `crm/personal_rows.py`.
"""

from collections.abc import Mapping
from typing import Any

from crm.models import MergeMove
from crm.personal_rows import Merge


def note(merge: Merge, rows: str, before: Mapping[int, Mapping[str, Any]]) -> None:
    """Note under a name of one's own (no name of PersonalRows, which would move them)
    what was changed: row id -> the old values, as JSON has them."""
    MergeMove.objects.bulk_create(
        MergeMove(merge_id=merge.id, rows=rows, row_id=pk, before=dict(values))
        for pk, values in before.items()
    )


def noted(merge: Merge, rows: str) -> dict[int, dict[str, Any]]:
    """What `note` wrote down in this merge."""
    found = MergeMove.objects.filter(merge_id=merge.id, rows=rows)
    return dict(found.values_list("row_id", "before"))
