"""Check what is to be exported, and start the job."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from crm import datasets
from crm.errors import NotAllowed
from crm.models import Job, User
from crm.services import jobs
from crm.services.exports.formats import FORMATS
from crm.services.exports.job import Export
from web.errors import InvalidValue
from web.rules import text

EXPORT = Export()
REASON_MOST = 200


@transaction.atomic
def ask(
    *,
    names: Sequence[str],
    format_name: str,
    filters: Mapping[str, str],
    by: User,
    now: datetime,
    reason: str = "",
) -> Job:
    """Start an export of these datasets. `filters` narrow one dataset alone.

    Who is no owner must give a `reason`. Raises NotAllowed and InvalidValue.
    """
    known = {each.name: each for each in datasets.all_datasets()}
    if not names or not set(names) <= set(known):
        raise InvalidValue(fields={"datasets": "unknown" if names else "required"})
    if not all(known[name].is_for(by) for name in names):
        raise NotAllowed
    if format_name not in FORMATS:
        raise InvalidValue(fields={"format": "unknown"})
    why = text.one_line(reason, field="reason", most=REASON_MOST)
    if not why and not by.is_superuser:
        raise InvalidValue(fields={"reason": "required"})
    wanted = [name for name in known if name in names]
    kept = known[wanted[0]].narrowed(filters) if len(wanted) == 1 else {}
    # A list has "me" for its user; the worker that does the job is no user. What is
    # somebody's own is taken along by them alone.
    kept = {
        name: str(by.pk) if it == "me" or name == "whose" else it
        for name, it in kept.items()
    }
    return jobs.start(
        EXPORT,
        options={"datasets": wanted, "format": format_name, "filters": kept},
        by=by,
        now=now,
        reason=why,
        fields=wanted,
    )
