"""From when to when money is known, and counts of which no sum is kept."""

from datetime import date

from django.db import connection
from psycopg.sql import Composable

from insights.choices import Basis
from insights.metrics.spans import Pair
from insights.models import MoneyEnd, MoneyPeriod
from insights.sql import money as sql


def bounds(basis: Basis, today: date) -> tuple[date, date] | None:
    """The days of the first and the newest order; of contracts the first change and
    today, because they are always known. None without any."""
    with connection.cursor() as cursor:
        cursor.execute(sql.BOUNDS[basis])
        first, last = cursor.fetchone()
    if first is None:
        return None
    return first, today if basis is Basis.CONTRACT else last


def is_whole(pair: Pair, basis: Basis, first: date) -> bool:
    """Orders of all the earlier months are known; contracts need one day of them."""
    if basis is Basis.CONTRACT:
        return first < pair.middle
    return first.replace(day=1) <= pair.starts_on


def counted(
    pair: Pair, basis: Basis, *, today: date, people: Composable | None = None
) -> list[MoneyPeriod]:
    """The rows of this pair, not stored. `people`: a SELECT of ids, None: everybody.

    A currency without revenue has no row.
    """
    found = counted_by("all", pair, basis, today=today, people=people)
    return [row for _label, row in found]


def counted_by(
    by: str,
    pair: Pair,
    basis: Basis,
    *,
    today: date,
    people: Composable | None = None,
) -> list[tuple[str, MoneyPeriod]]:
    """The same for each country, source or owner, with its value."""
    known = bounds(basis, today)
    if known is None:
        return []
    end = MoneyEnd(
        basis=basis.value,
        months=pair.months,
        ends_on=pair.ends_on,
        is_whole=is_whole(pair, basis, known[0]),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.sums(pair, basis, people, by))
        names = [column.name for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [
        (row.pop("label"), MoneyPeriod(**row | {"end_id": None, "end": end}))
        for row in found
    ]
