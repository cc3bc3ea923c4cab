"""What has to go where somebody is erased: uploads and lists hold many people."""

from datetime import datetime
from functools import partial

from django.db import transaction

from crm.access import Capability
from crm.models import ImportRun, Job, StoredFile
from crm.services import files, jobs
from crm.services.imports.import_jobs import IMPORT


def forget(*, now: datetime) -> None:
    """Delete the uploads and the refused rows of all imports, end those under way, and
    empty the cells that are kept of files. What is in stays in."""
    under_way = Job.objects.filter(kind=IMPORT.name, state__in=jobs.OPEN)
    # First: an import that ends at this moment is waited for, and its files are seen.
    under_way.filter(cancel_asked_at=None).update(cancel_asked_at=now)
    folders = [jobs.folder_of(pk) for pk in under_way.values_list("pk", flat=True)]
    for folder in folders:
        transaction.on_commit(partial(files.delete_folder, folder))
    files.delete(StoredFile.objects.filter(capability=Capability.IMPORT_DATA.value))
    ImportRun.objects.exclude(samples=[], examples={}, problems=[]).update(
        samples=[], examples={}, problems=[]
    )
    for job in under_way.exclude(position={}):
        job.position["report"] |= {"notes": {}, "problems": [], "proposals": []}
        job.position["parts"]["samples"] = []
        job.save(update_fields=["position"])
