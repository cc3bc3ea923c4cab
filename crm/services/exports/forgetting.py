"""What has to go where somebody is erased: exports hold everybody of that moment."""

from datetime import datetime

from crm.access import Capability
from crm.models import Job, StoredFile
from crm.services import files, jobs
from crm.services.exports.asking import EXPORT


def forget(*, now: datetime) -> None:
    """Delete the files of all exports, end those under way, and forget what somebody
    looked for: it may be a name. Each export can be asked for again."""
    exports = Job.objects.filter(kind=EXPORT.name)
    # First: an export that ends at this moment is waited for, and its file is seen.
    exports.filter(state__in=jobs.OPEN, cancel_asked_at=None).update(
        cancel_asked_at=now
    )
    made = StoredFile.objects.filter(capability=Capability.EXPORT_DATA.value)
    files.delete(made)
    exports.exclude(reason="").update(reason="")
    for job in exports.exclude(options__filters={}).only("options"):
        job.options["filters"] = {}
        job.save(update_fields=["options"])
