"""What has to go where somebody is erased: what somebody searched for may be a name."""

from datetime import datetime

from crm.models import BulkRun, Job
from crm.services import jobs

# A search that finds nobody, and that a page shows as "…".
_FORGOTTEN = "q=%E2%80%A6"


def forget(*, now: datetime) -> None:
    """Empty the searches that named the people of a change; end those changes that have
    not found their people yet. They can be asked for again."""
    typed = BulkRun.objects.filter(audience__regex=r"(^|&)q=")
    waiting = Job.objects.filter(
        bulk_run__in=typed, state__in=jobs.OPEN, position={}, cancel_asked_at=None
    )
    waiting.update(cancel_asked_at=now)
    typed.update(audience=_FORGOTTEN)
