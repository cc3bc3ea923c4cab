"""The purchases of the past, as the backtest of reorder reminders asks for them."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum
from psycopg.sql import SQL

from crm.models import OrderLine, Product
from crm.rules.choices import Nature, OrderState, ProductNature
from loyalty.rules import reorder
from loyalty.rules.backtest import Pair
from loyalty.rules.reorder import Bought
from loyalty.rules.win_back_backtest import Backtest, Silence, backtest, silence
from loyalty.selectors.pooling import Lender, learn, lender

ROWS_AT_ONCE = 20_000
_NAMED = """SELECT * FROM ({lines})
    bought (customer_id, product_id, ordered_on, quantity)"""
# customer, product, day, quantity of that day
_Line = tuple[int, int, date, Decimal]


def pairs(
    *, cutoff: date, source: str = "", with_charges: bool = False
) -> Iterator[Pair]:
    """Every customer and product with enough purchases before the cut-off.

    The lines are read once, in order, and one customer's at a time is held.
    `with_charges` counts paid postage and fees too, as figures published on files do.
    """
    lines = _lines(source, with_charges)
    lender = _lender(lines, cutoff)
    for _, own in groupby(_streamed(lines), key=itemgetter(0)):
        yield from _pairs_of_one(list(own), cutoff, lender)


@transaction.atomic
def _lender(lines: QuerySet[OrderLine, _Line], cutoff: date) -> Lender:
    """What the shop could have known on that day: nothing from then on is read."""
    text, params = lines.order_by().query.sql_with_params()
    named = SQL(_NAMED).format(lines=SQL(text))
    return lender(*learn(named, params, before=cutoff))


def silences(*, cutoff: date, within: int, source: str = "") -> Backtest:
    """Who was silent on that day, by what was known then."""
    lines = _lines(source, with_charges=False)
    prior = _lender(lines, cutoff).prior
    found: list[Silence] = []
    last_on: date | None = None
    for _, own in groupby(_streamed(lines), key=itemgetter(0)):
        days = sorted({on for _, _, on, _ in own})
        last_on = max(days[-1], last_on) if last_on else days[-1]
        one = silence(days, prior, cutoff=cutoff, within=within)
        if one:
            found.append(one)
    return backtest(found, cutoff=cutoff, within=within, last_on=last_on)


def _streamed(lines: QuerySet[OrderLine, _Line]) -> Iterator[_Line]:
    """The rows through a cursor of the server, which ends with its transaction: a
    pooler keeps the two together."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(*lines.query.sql_with_params())
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def product_names(ids: Iterable[int]) -> dict[int, str]:
    """Names by product id."""
    return {one.pk: str(one) for one in Product.objects.filter(pk__in=list(ids))}


def _lines(source: str, with_charges: bool) -> QuerySet[OrderLine, _Line]:
    bought = Q(nature=Nature.PURCHASE.value) & Q(
        product__nature=ProductNature.PRODUCT.value
    )
    if with_charges:
        bought = Q(unit_price__gt=0) & ~Q(order__state=OrderState.CANCELLED.value)
    if source:
        bought &= Q(order__source=source)
    return (
        OrderLine.objects.filter(bought, quantity__gt=0)
        .values_list("customer_id", "product_id", "ordered_on")
        .annotate(bought=Sum("quantity"))
        .order_by("customer_id", "product_id", "ordered_on")
    )


def _pairs_of_one(lines: list[_Line], cutoff: date, lender: Lender) -> Iterator[Pair]:
    known = [line for line in lines if line[2] < cutoff]
    orders = reorder.rhythm((on for _, _, on, _ in known), lender.prior)
    adds = lender.customer_adds(
        [on for _, _, on, _ in days] for _, days in groupby(known, key=itemgetter(1))
    )
    for (customer_id, product_id), days in groupby(lines, key=itemgetter(0, 1)):
        bought = [Bought(on, quantity) for _, _, on, quantity in days]
        before = [one for one in bought if one.on < cutoff]
        if len(before) >= reorder.FEWEST_PURCHASES:
            after = (one.on for one in bought if one.on >= cutoff)
            yield Pair(
                customer_id,
                product_id,
                before,
                next(after, None),
                orders,
                lender.pool(adds, product_id),
            )
