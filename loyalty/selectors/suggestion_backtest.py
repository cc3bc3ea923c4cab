"""What would have been suggested on a day of the past, and what was bought then."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

from django.db import connection, transaction

from loyalty.rules.suggestion_backtest import MOST, Backtest, Offer, backtest
from loyalty.selectors import complements
from loyalty.selectors.complements import Counted
from loyalty.sql.complements import Row

_SLICE = 400
_ROWS_AT_ONCE = 20_000
# Each product of each customer once a day.
_BOUGHT = """
SELECT DISTINCT line.customer_id, line.product_id, line.ordered_on
FROM crm_orderline line JOIN crm_product product ON product.id = line.product_id
WHERE line.nature = 'purchase' AND line.quantity > 0 AND product.nature = 'product'
  AND line.ordered_on < %s
ORDER BY line.customer_id
"""
_LAST = """
SELECT max(ordered_on) FROM crm_orderline WHERE nature = 'purchase' AND quantity > 0
"""
_Line = tuple[int, int, date]


def suggestions(*, cutoff: date, within: int) -> Backtest:
    """How much of what would have been suggested was bought in the `within` days from
    the cut-off on, beside the most popular products."""
    found = offers(cutoff=cutoff, within=within)
    return backtest(found, cutoff=cutoff, within=within, last_on=_last_on())


@transaction.atomic
def offers(*, cutoff: date, within: int) -> list[Offer]:
    """To whoever ordered in the `within` days before the cut-off: the best of what goes
    with their last day of orders. Nothing from the cut-off on is counted, but what they
    bought then."""
    counted = complements.count(cutoff)
    best = _best(counted)
    popular = sorted(counted.buyers, key=lambda pk: (-counted.buyers[pk], pk))
    return [
        _offer(customer, list(lines), best, popular, cutoff, within)
        for customer, lines in groupby(_lines(cutoff, within), key=itemgetter(0))
    ]


def _best(counted: Counted) -> dict[int, list[Row]]:
    known, found = sorted(counted.buyers), dict[int, list[Row]]()
    for at in range(0, len(known), _SLICE):
        for row in counted.best(known[at : at + _SLICE]):
            found.setdefault(row.product_id, []).append(row)
    return found


def _offer(
    customer_id: int,
    lines: Sequence[_Line],
    best: Mapping[int, Sequence[Row]],
    popular: Sequence[int],
    cutoff: date,
    within: int,
) -> Offer:
    had = {product for _, product, on in lines if on < cutoff}
    last_on = max((on for _, _, on in lines if on < cutoff), default=None)
    if last_on is None or last_on < cutoff - timedelta(days=within):
        return Offer(customer_id, (), (), frozenset())
    low: dict[int, float] = {}
    for product in {product for _, product, on in lines if on == last_on}:
        for row in best.get(product, ()):
            if row.goes_with_id not in had:
                known = low.get(row.goes_with_id, 0.0)
                low[row.goes_with_id] = max(known, row.lift_low)
    suggested = sorted(low, key=lambda pk: (-low[pk], pk))[:MOST]
    others = [pk for pk in popular[: len(had) + MOST] if pk not in had]
    bought = frozenset(product for _, product, on in lines if on >= cutoff)
    return Offer(customer_id, suggested, others[: len(suggested)], bought)


def _lines(cutoff: date, within: int) -> Iterator[_Line]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_BOUGHT, [cutoff + timedelta(days=within)])
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from rows


def _last_on() -> date | None:
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        ((found,),) = cursor.fetchall()
    return found  # type: ignore[no-any-return] # a date or NULL
