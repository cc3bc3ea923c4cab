"""Keeps what the same people bring from year to year, and the curve of the few.

Whoever changes orders leaves a mark in the same transaction; a tick that finds one, or
sums that are a day old, makes all of them again by one statement, so that the sums of
today and of a full count are the same.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from psycopg.sql import Composable

from crm import selectors as crm
from insights.choices import Basis
from insights.metrics.spans import LENGTHS, Pair, ends
from insights.models import MoneyMark, MoneyPeriod, SpendCurve
from insights.sql import money as sql

WHOLE_EVERY = timedelta(hours=24)


def mark(*, now: datetime) -> None:
    """Orders changed: the sums are old. In the transaction of the change."""
    MoneyMark.objects.create(marked_at=now)


def keep_up(*, now: datetime) -> int:
    """Count anew where a change was marked or a day has passed; how many periods."""
    last = MoneyPeriod.objects.order_by("-counted_at").values_list("counted_at").first()
    is_old = last is None or last[0] <= now - WHOLE_EVERY
    if not is_old and not MoneyMark.objects.exists():
        return 0
    return count(now=now)


@transaction.atomic
def count(*, now: datetime) -> int:
    """Make all sums again; how many periods. Two at once wait for each other."""
    with connection.cursor() as cursor:
        # Pages go on reading; a second count waits and then makes the same rows.
        cursor.execute("LOCK insights_moneyperiod IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SET LOCAL statement_timeout = 0")
        # Read before the orders are: a change that is committed in between leaves a
        # mark that is not among these.
        marks = list(MoneyMark.objects.values_list("pk", flat=True))
        rows = _periods(now)
    MoneyPeriod.objects.all().delete()
    MoneyPeriod.objects.bulk_create(rows, batch_size=500)
    _count_curves(now)
    MoneyMark.objects.filter(pk__in=marks).delete()
    return len(rows)


def _periods(now: datetime) -> list[MoneyPeriod]:
    today = crm.business().day(now)
    return [
        row
        for basis in Basis
        if (known := bounds(basis, today))
        for months in LENGTHS
        for row in counted(ends(*known, today, months), basis, first=known[0], now=now)
    ]


def counted(
    pairs: Sequence[Pair],
    basis: Basis,
    *,
    first: date,
    now: datetime,
    people: Composable | None = None,
) -> list[MoneyPeriod]:
    """The rows of these pairs, of one length, not stored. `first`: the first day of
    which anything is known; `people`: a SELECT of ids, None for everybody.

    A currency without revenue in a pair has no row there.
    """
    if not pairs:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.sums(pairs, basis, people))
        names = [column.name for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    whole = {pair.ends_on: _is_whole(pair, basis, first) for pair in pairs}
    return [
        MoneyPeriod(
            basis=basis.value,
            months=pairs[0].months,
            is_whole=whole[row["ends_on"]],
            counted_at=now,
            **row,
        )
        for row in found
    ]


def _is_whole(pair: Pair, basis: Basis, first: date) -> bool:
    """Orders of all the earlier months are known; contracts need one day of them."""
    if basis is Basis.CONTRACT:
        return first < pair.middle
    return first.replace(day=1) <= pair.starts_on


def bounds(basis: Basis, today: date) -> tuple[date, date] | None:
    """The days of the first and the newest order; of contracts the first change and
    today, because they are always known. None without any."""
    with connection.cursor() as cursor:
        cursor.execute(sql.BOUNDS[basis])
        first, last = cursor.fetchone()
    if first is None:
        return None
    return first, today if basis is Basis.CONTRACT else last


def _count_curves(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.CURVE)
        curves = [
            SpendCurve(currency=currency, people=people, sums=sums, counted_at=now)
            for currency, people, sums in cursor.fetchall()
        ]
    SpendCurve.objects.all().delete()
    SpendCurve.objects.bulk_create(curves)
