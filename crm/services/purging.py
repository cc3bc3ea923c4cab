"""Forget what need not be kept: ended sessions, and rows about signing in."""

from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db import models, transaction

# Failed sign-ins count for a quarter of an hour; kept a while for questions.
ATTEMPTS_KEPT = timedelta(days=7)
# Who signed in when, from which address; the audit keeps the fact without the address.
SIGN_INS_KEPT = timedelta(days=30)
_SLICE = 5_000


def purge(*, now: datetime) -> int:
    """Delete what is past its keeping time at `now`. Returns the number of rows."""
    return sum(
        delete_in_slices(model, **old)
        for model, old in (
            (Session, {"expire_date__lt": now}),
            (AccessAttempt, {"attempt_time__lt": now - ATTEMPTS_KEPT}),
            (AccessLog, {"attempt_time__lt": now - SIGN_INS_KEPT}),
            (AccessFailureLog, {"attempt_time__lt": now - SIGN_INS_KEPT}),
        )
    )


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
