"""Lines of the audit about who signed in: the only ones that go after a time.

They say when colleagues were at work. All others stay: a trigger refuses to delete
them, and these too while they are younger than the settings keep them.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from crm import selectors
from crm.models import AuditEntry
from crm.services.purging import delete_in_slices

# As in the trigger (crm_audit_may_go).
ACTIONS = (
    "user.signed_in",
    "sign_in.refused",
    "session.ended",
    "session.others_ended",
    "attempts.stopped",
)


def count(before: datetime) -> int:
    """How many there are from before this moment."""
    return _all().filter(at__lt=before).count()


def delete(before: datetime) -> int:
    """Delete those from before this moment, and none that the trigger would refuse:
    it asks the clock of the database."""
    kept = timedelta(days=selectors.business().sign_in_keep_days)
    return delete_in_slices(
        AuditEntry, action__in=ACTIONS, at__lt=before, at__lte=Now() - kept
    )


def _all() -> "QuerySet[AuditEntry]":
    return AuditEntry.objects.filter(action__in=ACTIONS)
