"""What pages would wait for, counted beforehand: once an hour, where it is slow.

Sums by month are kept up with every change (services/counting.py). What has no such sum
is asked of the rows themselves; of a great shop that takes too long for a page.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from time import monotonic

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from psycopg.sql import Composable

from crm import selectors as crm
from crm.sql.import_runs import ANY_LENGTH
from insights.choices import Basis
from insights.metrics import periods
from insights.models import Definition, KeptAnswer
from insights.selectors import (
    again,
    origins,
    overlaps,
    programmes,
    save_list,
    second_order,
    signal_shares,
    spans,
)
from insights.selectors import definition as definitions
from insights.selectors.asked import Asked
from insights.selectors.kept import key_of
from insights.selectors.rows import rows_of
from insights.sql.again import BOUGHT_BY_MONTH

EVERY = timedelta(hours=1)
# What is answered sooner is asked by each page, and never old.
SLOW_SECONDS = 0.02


def keep_up(*, now: datetime, slow: float = SLOW_SECONDS) -> int:
    """Ask again what was kept an hour ago, and what is not kept; drop what no page asks
    any more. How many statements were asked; none while everybody is counted anew.

    `slow`: answers that took fewer seconds are not kept.
    """
    row = definitions.definition()
    if row.counted_at is None or row.counted_to is not None:
        return 0
    today = crm.business().day(now)
    wanted = {key_of(one): one for one in _statements(row, today)}
    KeptAnswer.objects.exclude(key__in=wanted).delete()
    fresh = KeptAnswer.objects.filter(counted_at__gt=now - EVERY)
    due = wanted.keys() - set(fresh.values_list("key", flat=True))
    for key in sorted(due):
        _keep(key, wanted[key], now=now, slow=slow)
    return len(due)


@transaction.atomic
def _keep(key: str, statement: Composable, *, now: datetime, slow: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ANY_LENGTH)
    began = monotonic()
    rows = rows_of(statement)
    if monotonic() - began < slow:
        KeptAnswer.objects.filter(key=key).delete()
        return
    # As text first: of what JSON has no type for, such as an amount.
    plain = json.loads(json.dumps(rows, cls=DjangoJSONEncoder))
    KeptAnswer.objects.update_or_create(
        key=key, defaults={"rows": plain, "counted_at": now}
    )


def _statements(row: Definition, today: date) -> Iterator[Composable]:
    """Those of the pages as they open, and of their last month and year."""
    yield definitions.GAPS
    yield from programmes.statements(today)
    for basis in definitions.bases(row):
        for currency in save_list.currencies(basis, today=today):
            for with_answers in (True, False):
                yield save_list.page_of(
                    save_list.whom(
                        basis,
                        today=today,
                        own=currency,
                        currency=currency,
                        with_answers=with_answers,
                    )
                )
        horizon = definitions.horizon(row, basis, today=today)
        if horizon is None:
            continue
        yield from signal_shares.statements(basis, horizon=horizon)
        if basis is Basis.ORDERS:
            yield from second_order.statements(horizon)
            yield BOUGHT_BY_MONTH
            if definitions.has_orders_to_come(row, again.known(horizon)):
                yield from second_order.statements(again.known(horizon))
        for unit in periods.MONTHS:
            asked = Asked(basis, periods.last_over(horizon, unit))
            pair = (periods.before(asked.period), asked.period)
            yield spans.in_both_statement(basis, [pair])
            yield from origins.statements(asked, today=today)
            yield from overlaps.statements(asked, today=today)
