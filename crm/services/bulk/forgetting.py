"""What has to go where somebody is erased: what somebody searched for may be a name."""

from collections.abc import Collection
from datetime import datetime

from crm.models import BulkRun, Job
from crm.services import jobs
from crm.services.typed_names import FORGOTTEN, TypedNames

# A search that finds nobody, and that a page shows as "…".
_FORGOTTEN = "q=%E2%80%A6"


# What staff type for a change: a value, the reason of a follow-up, the name of a tag.
_TYPED = ("value", "why", "name")


def forget(ids: Collection[int], *, now: datetime) -> None:
    """Empty the searches that named the people of a change; end those changes that have
    not found their people yet. They can be asked for again. What was typed for a change
    goes where it names one of these people, who are being erased."""
    typed = BulkRun.objects.filter(audience__regex=r"(^|&)q=")
    waiting = Job.objects.filter(
        bulk_run__in=typed, state__in=jobs.OPEN, position={}, cancel_asked_at=None
    )
    waiting.update(cancel_asked_at=now)
    typed.update(audience=_FORGOTTEN)
    named = TypedNames(ids)
    for run in BulkRun.objects.exclude(options={}):
        emptied = {
            name: FORGOTTEN for name in _TYPED if named.is_within(run.options.get(name))
        }
        if emptied:
            run.options = {**run.options, **emptied}
            run.save(update_fields=["options"])
