"""What erasing and merging do besides the rows: locks, files, tags and returns."""

import json
from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from crm.errors import CustomerGone, ImportIsRunning
from crm.models import Customer, FollowUp, Tag
from crm.personal_rows import Merge, Steps
from crm.rules.choices import FollowUpState
from crm.services import files, returns, saved_views, segments, work_folders
from crm.services.bulk import forgetting as bulk
from crm.services.exports import forgetting as exports
from crm.services.imports import forgetting as imports
from crm.sql import personal_data as sql

CustomerTag = Customer.tags.through
GONE = 410
_KINDS_OF_IMPORT = ("customers", "history", "orders", "subscriptions")


def _before_erasure(ids: Collection[int], now: datetime) -> None:
    _lock_imports(ids)
    _forget_answers(ids)
    bulk.forget(ids, now=now)
    exports.forget(now=now)
    imports.forget(ids, now=now)
    saved_views.forget(ids)
    segments.forget(ids, now=now)
    _drop_tags(ids)
    transaction.on_commit(partial(_clear_folders, now))
    open_ones = [FollowUpState.OPEN.value, FollowUpState.TAKEN.value]
    FollowUp.objects.filter(customer_id__in=ids, state__in=open_ones).update(
        state=FollowUpState.DROPPED.value, done_at=now
    )


def _clear_folders(now: datetime) -> None:
    """What was copied and unpacked holds many people. What a restore set aside after
    this moment stays: an erasure that is replayed was obeyed there, too."""
    work_folders.clear()
    files.delete_set_aside(now)


def _lock_imports(ids: Collection[int]) -> None:
    """An import that began before would bring back what it has read already."""
    sources = Customer.objects.filter(pk__in=ids).values_list("source", flat=True)
    with connection.cursor() as cursor:
        for source in sorted(set(sources)):
            for kind in _KINDS_OF_IMPORT:
                cursor.execute(sql.LOCK_IMPORT, {"name": f"import:{kind}:{source}"})
                if not cursor.fetchone()[0]:
                    raise ImportIsRunning


def _forget_answers(ids: Collection[int]) -> None:
    """A request that is sent again must neither return their data nor be done again."""
    gone = {"code": CustomerGone.code, "message": CustomerGone.message, "fields": {}}
    with connection.cursor() as cursor:
        cursor.execute(
            sql.FORGET_ANSWERS,
            {
                "status": GONE,
                "body": json.dumps(gone),
                "ids": [str(number) for number in ids],
            },
        )


def _drop_tags(ids: Collection[int]) -> None:
    """A tag that no other customer has may be about this person alone."""
    theirs = CustomerTag.objects.filter(customer_id__in=ids)
    tags = list(theirs.values_list("tag_id", flat=True))
    theirs.delete()
    carried = CustomerTag.objects.filter(tag_id=OuterRef("pk"))
    Tag.objects.filter(~Exists(carried), pk__in=tags).delete()


def _lock_imports_of_both(merge: Merge) -> None:
    """An import that began before knows the two records as it found them."""
    _lock_imports([merge.kept, merge.dropped])


def _match_the_kept(merge: Merge) -> None:
    """What one of them bought, the other may have given back."""
    returns.mark_all([merge.kept], now=merge.now)


def _match_both(merge: Merge) -> None:
    returns.mark_all([merge.kept, merge.dropped], now=merge.now)


STEPS = (
    Steps(before_merge=_match_the_kept, after_undo=_match_both),
    Steps(
        before_erasure=_before_erasure,
        before_merge=_lock_imports_of_both,
        before_undo=_lock_imports_of_both,
    ),
)
