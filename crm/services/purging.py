"""Delete many rows without a long transaction."""

from typing import Any

from django.db import models, transaction

_SLICE = 5_000


def delete_in_slices(model: type[models.Model], **old: Any) -> int:
    """Delete the rows that match, so that no lock and no transaction gets long."""
    gone = 0
    while slice_gone := _delete_slice(model, old):
        gone += slice_gone
    return gone


@transaction.atomic
def _delete_slice(model: type[models.Model], old: dict[str, Any]) -> int:
    rows = model._default_manager
    ids = list(rows.filter(**old).values_list("pk", flat=True)[:_SLICE])
    return rows.filter(pk__in=ids).delete()[0]
