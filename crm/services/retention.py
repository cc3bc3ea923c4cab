"""Forget what is past its time, and say beforehand what a shorter time would delete."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm import kept_data, selectors
from crm.kept_data import Retention
from crm.models import Business
from crm.services import log_files

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loss:
    """What the next purge deletes of one kind because its time was made shorter."""

    kind: Retention
    number: int


def purge(*, now: datetime) -> int:
    """Delete what is past its keeping time at `now`. Returns how many of all kinds.

    A kind that cannot be deleted is logged and keeps no other one from going.
    """
    log_files.begin_day(now=now)
    business = selectors.business()
    gone = 0
    for kind in kept_data.all_settable():
        gone += _of_one(kind.setting, kind.delete, _oldest(business, kind, now))
    for fixed in kept_data.all_fixed():
        gone += _of_one(fixed.name, fixed.delete, now)
    return gone


def losses(changes: Mapping[str, int], *, now: datetime) -> list[Loss]:
    """What these new numbers of days would delete within the hour, beyond what goes
    anyway. `changes` by the name of the setting; kinds of which nothing goes are left
    out."""
    business = selectors.business()
    found = []
    for kind in kept_data.all_settable():
        days = changes.get(kind.setting, 0)
        if not 0 < days < getattr(business, kind.setting):
            continue
        before = kind.count(_oldest(business, kind, now))
        number = kind.count(now - timedelta(days=days)) - before
        if number > 0:
            found.append(Loss(kind, number))
    return found


def _oldest(business: Business, kind: Retention, now: datetime) -> datetime:
    return now - timedelta(days=getattr(business, kind.setting))


def _of_one(name: str, delete: Callable[[datetime], int], moment: datetime) -> int:
    try:
        return delete(moment)
    except Exception:
        # Of one kind of data; the others are deleted all the same.
        logger.exception("What is past its time is not deleted: %s", name)
        return 0
