"""What has to go where somebody is erased: uploads and lists hold many people."""

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from crm.access import Capability
from crm.models import Customer, ImportMapping, ImportRun, Job, StoredFile
from crm.services import files, jobs
from crm.services.imports.import_jobs import IMPORT
from crm.services.typed_names import TypedNames

_CELLS = Q(samples=[], examples={}, problems=[])
_NO_NAME = "…"


def forget(ids: Collection[int], *, now: datetime) -> None:
    """Delete the uploads and the refused rows of all imports, end those under way, and
    empty the cells that are kept of files. What is in stays in."""
    under_way = Job.objects.filter(kind=IMPORT.name, state__in=jobs.OPEN)
    # First: an import that ends at this moment is waited for, and its files are seen.
    under_way.filter(cancel_asked_at=None).update(cancel_asked_at=now)
    folders = [jobs.folder_of(pk) for pk in under_way.values_list("pk", flat=True)]
    for folder in folders:
        transaction.on_commit(partial(files.delete_folder, folder))
    files.delete(StoredFile.objects.filter(capability=Capability.IMPORT_DATA.value))
    _empty_cells(ImportRun.objects.all())
    for job in under_way.exclude(position={}):
        job.position["report"] |= {"notes": {}, "problems": [], "proposals": []}
        job.position["parts"]["samples"] = []
        job.save(update_fields=["position"])
    # Of jobs that ended under an earlier version.
    ended = Job.objects.exclude(state__in=jobs.OPEN).exclude(position={})
    ended.update(position={})
    _forget_file_names(ids)
    _forget_columns(ids)


def forget_cells(before: datetime) -> int:
    """Empty the cells that are kept of files, of imports that ended before this moment.
    Returns of how many."""
    return _empty_cells(ImportRun.objects.filter(finished_at__lt=before))


def _empty_cells(runs: "QuerySet[ImportRun]") -> int:
    return runs.exclude(_CELLS).update(samples=[], examples={}, problems=[])


def _forget_file_names(ids: Collection[int]) -> None:
    """A file may be called after the one person in it."""
    for word in set(_words(ids)):
        ImportRun.objects.filter(file_name__icontains=word).update(file_name=_NO_NAME)
        for job in Job.objects.filter(options__file__icontains=word):
            job.options["file"] = _NO_NAME
            job.save(update_fields=["options"])


def _forget_columns(ids: Collection[int]) -> None:
    """What was chosen for a file by the names of its columns and the words of its
    cells: a file without a header has a person in its first line."""
    named = TypedNames(ids)
    for mapping in ImportMapping.objects.exclude(options={}):
        if named.is_within(mapping.options):
            mapping.delete()
    for run in ImportRun.objects.exclude(options={}, ignored=[]):
        if named.is_within([run.options, run.ignored]):
            run.options, run.ignored = {}, []
            run.save(update_fields=["options", "ignored"])


def _words(ids: Collection[int]) -> Iterator[str]:
    """Their names and the beginning of their addresses, but for what is so short that
    it stands in many other words."""
    people = Customer.objects.filter(pk__in=ids)
    for given, family, email in people.values_list(
        "given_name", "family_name", "email_norm"
    ):
        for word in (*given.split(), *family.split(), email.partition("@")[0]):
            if len(word) > 3 or not word.isascii():
                yield word
