"""What counts as a customer who stayed: decided once, and then all are counted anew."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from crm.models import User
from crm.services import audit, jobs
from insights.models import Definition, KeptAnswer
from insights.services import publishing
from insights.services.recount import RECOUNT
from web.errors import StaleVersion

_COUNTED_BY = frozenset({"by_orders", "days", "by_contract"})


@transaction.atomic
def decide(
    *,
    by_orders: bool,
    days: int,
    by_contract: bool,
    churn_target: Decimal | None = None,
    version: int,
    by: User,
    now: datetime,
) -> Definition:
    """Keep the choice and count everybody by it, in a job of whoever made it.

    Raises StaleVersion where somebody else decided in the meantime, NotAllowed for
    whoever may not.
    """
    row = Definition.objects.select_for_update().get(pk=1)
    if row.version != version:
        raise StaleVersion
    values = {
        "by_orders": by_orders,
        "days": days,
        "by_contract": by_contract,
        "churn_target": churn_target,
    }
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    row.decided_at, row.decided_by, row.version = now, by, row.version + 1
    if is_new := _COUNTED_BY.intersection(changed):
        row.counted_at = row.counted_to = None
        publishing.forget()
        KeptAnswer.objects.all().delete()
    row.save()
    audit.record("insights.decided", "definition:1", fields=changed, now=now)
    if is_new:
        jobs.start(RECOUNT, options={}, by=by, now=now)
    return row
