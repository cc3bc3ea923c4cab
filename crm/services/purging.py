"""Forget what need not be kept: ended sessions, counted tries, answers, jobs, files."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db import models, transaction

from crm.models import ApiAnswer
from crm.services import attempts, files, jobs
from crm.services.imports import undoing

# How long a request of the API may be sent again with its Idempotency-Key.
ANSWERS_KEPT = timedelta(days=1)
_SLICE = 5_000


def purge(*, now: datetime) -> int:
    """Delete what is past its keeping time at `now`. Returns the number of rows."""
    gone = attempts.clear(now=now) + delete_in_slices(Session, expire_date__lt=now)
    gone += delete_in_slices(ApiAnswer, created_at__lt=now - ANSWERS_KEPT)
    gone += undoing.purge(now=now)
    return gone + jobs.purge(now=now) + files.purge(now=now)


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
