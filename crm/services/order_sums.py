"""Keeps what each customer ordered in each currency, and who the core is."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction

from crm.models import CoreMark
from crm.sql import order_sums as sql
from crm.sql.import_runs import ANY_LENGTH

# The few who bring this share of the revenue are the core.
CORE_SHARE = Decimal("0.8")


def count(customer_ids: Collection[int]) -> None:
    """Count again what these customers ordered; inside the transaction that changed
    their orders."""
    if not customer_ids:
        return
    given = {"ids": sorted(customer_ids)}
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(sql.LOCK, given)
        cursor.execute(sql.COUNT, given)
        cursor.execute(sql.DROP, given)


def mark_core(*, now: datetime) -> list[CoreMark]:
    """Work out, per currency, from which sum on somebody belongs to the core."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ANY_LENGTH)
        cursor.execute(sql.MARK, {"share": CORE_SHARE, "now": now})
        CoreMark.objects.filter(counted_at__lt=now).delete()
    return list(CoreMark.objects.order_by("currency"))
