"""Data of crm that is deleted after a time."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from crm import selectors
from crm.kept_data import Fixed, Retention, older, register
from crm.models import ApiAnswer, CustomerMerge, Job, StoredFile
from crm.services import (
    attempts,
    files,
    jobs,
    log_files,
    membership,
    merging,
    sign_in_records,
    work_folders,
)
from crm.services.bulk import undoing as bulk_undoing
from crm.services.imports import forgetting, undoing
from crm.services.journal import files as journal_files
from crm.services.purging import delete_in_slices

# How long a request of the API may be sent again with its Idempotency-Key.
ANSWERS_KEPT = timedelta(days=1)


def _end_sessions(now: datetime) -> int:
    return delete_in_slices(Session, expire_date__lt=now)


def _delete_answers(now: datetime) -> int:
    return delete_in_slices(ApiAnswer, created_at__lt=now - ANSWERS_KEPT)


def _clear_attempts(now: datetime) -> int:
    return attempts.clear(now=now)


def _clear_files(now: datetime) -> int:
    jobs.clear_folders()
    work_folders.clear()
    return files.purge(now=now)


def _forget_merges(now: datetime) -> int:
    return delete_in_slices(CustomerMerge, merged_at__lte=now - merging.UNDO_FOR)


def _empty_cells(now: datetime) -> int:
    return forgetting.forget_cells(now - _files_kept())


def _files_kept() -> timedelta:
    return timedelta(days=selectors.business().file_keep_days)


def _delete_set_aside(now: datetime) -> int:
    return files.delete_set_aside(now - _files_kept())


def _forget_replaced(now: datetime) -> int:
    return undoing.purge(now=now)


def _forget_moves(now: datetime) -> int:
    return membership.purge(now=now)


def _forget_bulk(now: datetime) -> int:
    return bulk_undoing.purge(now=now)


register(
    Retention(
        setting="file_keep_days",
        order=20,
        label=_("Files"),
        holds=_("Exports, and what somebody uploaded: whole lists of people."),
        unit=_("files"),
        count=older(StoredFile, "created_at"),
        delete=files.delete_stored_before,
    ),
    Retention(
        setting="job_keep_days",
        order=30,
        label=_("Jobs"),
        holds=_("Who had which long work done, such as an export, when and why."),
        unit=_("jobs"),
        count=older(Job, "finished_at"),
        delete=jobs.delete_ended_before,
    ),
    Retention(
        setting="sign_in_keep_days",
        order=40,
        label=_("Records of signing in"),
        holds=_("When colleagues signed in and out, and who was refused."),
        unit=_("records of signing in"),
        count=sign_in_records.count,
        delete=sign_in_records.delete,
    ),
    Retention(
        setting="log_keep_days",
        order=50,
        label=_("Logs"),
        holds=_(
            "What the programs said while they worked, without names and addresses."
            " With containers the machine keeps them: set it there."
        ),
        unit=_("files of logs"),
        count=log_files.count,
        delete=log_files.delete,
    ),
    Retention(
        setting="journal_keep_days",
        order=60,
        label=_("Journal"),
        holds=_(
            "Who opted out, was erased or got which mail, as numbers and keyed hashes,"
            " in a file a month. A backup that is older than this must not be put"
            " back: it would write to people who said no."
        ),
        unit=_("months of the journal"),
        count=journal_files.count_older,
        delete=journal_files.delete_older,
    ),
    Fixed(
        name="sessions",
        order=10,
        label=_("Sessions of colleagues, with address and browser"),
        how_long=_("until they sign out, 12 hours at most"),
        delete=_end_sessions,
    ),
    Fixed(
        name="attempts",
        order=20,
        label=_("Counted tries of passwords"),
        how_long=_("a day"),
        delete=_clear_attempts,
    ),
    Fixed(
        name="answers",
        order=30,
        label=_("Answers of the API, for a second try"),
        how_long=_("a day"),
        delete=_delete_answers,
    ),
    Fixed(
        name="imported rows",
        order=45,
        label=_("What an import replaced, so that it can be undone"),
        how_long=_("seven days"),
        delete=_forget_replaced,
    ),
    Fixed(
        name="merges",
        order=47,
        label=_("What was merged into a record, so that it can be undone"),
        how_long=_("30 days"),
        delete=_forget_merges,
    ),
    Fixed(
        name="cells of imports",
        order=46,
        label=_("Cells that an import showed, such as those that it refused"),
        how_long=_("as long as files, and until somebody is erased"),
        delete=_empty_cells,
    ),
    Fixed(
        name="files set aside",
        order=48,
        label=_("Files that a restore put out of its way"),
        how_long=_("as long as files, and until somebody is erased"),
        delete=_delete_set_aside,
    ),
    Fixed(
        name="bulk rows",
        order=43,
        label=_("What a change to many customers replaced, so that it can be undone"),
        how_long=_("seven days"),
        delete=_forget_bulk,
    ),
    Fixed(
        name="moves of segments",
        order=44,
        label=_("Who came into a followed segment and left it"),
        how_long=_("two years"),
        delete=_forget_moves,
    ),
    Fixed(
        name="unfinished files",
        order=50,
        label=_("Files of work that was broken off"),
        how_long=_("a day"),
        delete=_clear_files,
    ),
)
