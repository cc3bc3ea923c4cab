"""Forget what need not be kept: sessions that ended, and counters of tries."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db import models, transaction

from crm.services import attempts

_SLICE = 5_000


def purge(*, now: datetime) -> int:
    """Delete what is past its keeping time at `now`. Returns the number of rows."""
    return attempts.clear(now=now) + delete_in_slices(Session, expire_date__lt=now)


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
