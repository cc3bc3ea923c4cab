"""Which spans of money are summed up, and the curve of the few who bring most.

The sums themselves follow from what each person brings (services/counting.py). Here
spans are opened when a month is over, each by one scan of what is kept by month, and
closed when they are too old to be shown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import inf
from time import monotonic

from django.db import connection, transaction

from crm import selectors as crm
from crm.sql.import_runs import ANY_LENGTH
from insights.choices import Basis
from insights.metrics.spans import LENGTHS, Pair, ends
from insights.models import Definition, MoneyEnd, MoneyMark, SpendCurve
from insights.selectors.money_spans import bounds, is_whole
from insights.services import counting
from insights.sql import money as sql
from insights.sql.spells import LOCK

WHOLE_EVERY = timedelta(hours=24)
# A task may take longer than this by one scan of everybody, which opens so many spans.
PASS_SECONDS = 30.0
AT_ONCE = 8
# The sums are a few dozen rows. PostgreSQL expects one for each person and would sort
# them all, which is a quarter of the work.
BY_HASH = "SET LOCAL enable_sort = off"


def mark(*, now: datetime) -> None:
    """Orders changed: the curve is old. In the transaction of the change."""
    MoneyMark.objects.create(marked_at=now)


def keep_up(*, now: datetime) -> int:
    """Open the spans that are over by now, and draw the curve again where orders have
    changed or a day has passed; how many spans were opened."""
    opened = renew_ends(now=now, seconds=PASS_SECONDS)
    last = SpendCurve.objects.order_by("-counted_at").values_list("counted_at").first()
    is_old = last is None or last[0] <= now - WHOLE_EVERY
    if is_old or MoneyMark.objects.exists():
        _count_curves(now)
    return opened


def count(*, now: datetime) -> None:
    """Count everybody and everything in one go: for commands and tests."""
    counting.count_all()
    Definition.objects.filter(counted_at=None).update(counted_at=now)
    renew_ends(now=now)
    _count_curves(now)


@dataclass(frozen=True)
class _Wanted:
    basis: Basis
    pair: Pair
    is_whole: bool

    @property
    def key(self) -> tuple[str, int, date]:
        return self.basis.value, self.pair.months, self.pair.ends_on


def renew_ends(*, now: datetime, seconds: float = inf) -> int:
    """Sum up the spans that are over and close those that are no more shown; how many
    were opened. None before everybody was counted once: they would show a part.

    What does not fit into the time is left to the next call, the newest come first.
    """
    began = monotonic()
    wanted = {one.key: one for one in _wanted(crm.business().day(now))}
    known = {
        (one.basis, one.months, one.ends_on): one for one in MoneyEnd.objects.all()
    }
    for key, row in known.items():
        if key not in wanted:
            row.delete()
        elif row.is_whole != wanted[key].is_whole:
            MoneyEnd.objects.filter(pk=row.pk).update(is_whole=wanted[key].is_whole)
    if Definition.objects.filter(pk=1, counted_at=None).exists():
        return 0
    missing = [one for key, one in wanted.items() if key not in known]
    missing.sort(key=lambda one: one.pair.ends_on, reverse=True)
    opened = 0
    for at in range(0, len(missing), AT_ONCE):
        opened += _open(missing[at : at + AT_ONCE])
        if monotonic() - began >= seconds:
            break
    return opened


def _wanted(today: date) -> Iterator[_Wanted]:
    for basis in Basis:
        known = bounds(basis, today)
        for months in LENGTHS if known else ():
            assert known is not None
            for pair in ends(*known, today, months):
                yield _Wanted(basis, pair, is_whole(pair, basis, known[0]))


@transaction.atomic
def _open(wanted: Iterable[_Wanted]) -> int:
    """Sum up spans, as no count of customers runs; how many: without those that another
    call opened."""
    new = []
    with connection.cursor() as cursor:
        cursor.execute(ANY_LENGTH)
        cursor.execute(BY_HASH)
        cursor.execute(LOCK)
        for one in wanted:
            basis, months, ends_on = one.key
            row, is_new = MoneyEnd.objects.get_or_create(
                basis=basis,
                months=months,
                ends_on=ends_on,
                defaults={"is_whole": one.is_whole},
            )
            if is_new:
                new.append(row.pk)
        cursor.execute(sql.open_ends(new))
    return len(new)


@transaction.atomic
def _count_curves(now: datetime) -> None:
    """Two at once wait for each other."""
    with connection.cursor() as cursor:
        # Pages go on reading.
        cursor.execute("LOCK insights_spendcurve IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(ANY_LENGTH)
        # Read before the orders are: a change that is committed in between leaves a
        # mark that is not among these.
        marks = list(MoneyMark.objects.values_list("pk", flat=True))
        cursor.execute(sql.CURVE)
        curves = [
            SpendCurve(currency=currency, people=people, sums=sums, counted_at=now)
            for currency, people, sums in cursor.fetchall()
        ]
    SpendCurve.objects.all().delete()
    SpendCurve.objects.bulk_create(curves)
    MoneyMark.objects.filter(pk__in=marks).delete()
