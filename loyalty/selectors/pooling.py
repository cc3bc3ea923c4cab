"""What the whole shop lends to one customer and one product."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Q
from psycopg.sql import SQL, Composed

from crm.models import Product
from crm.rules.choices import ProductNature
from loyalty.models import ProductRhythm, ShopRhythm
from loyalty.rules import pooling, reorder
from loyalty.rules.first_reorder import FEWEST_AGAIN, Usual, basis_of
from loyalty.rules.pooling import DEFAULT, MOST_INTERVALS, Pool, Prior
from loyalty.sql import pooling as sql
from loyalty.sql.pooling import ProductSums

FEWEST_INTERVALS = reorder.FEWEST_PURCHASES - 1


@dataclass(frozen=True)
class Lender:
    """The shop's values, and what each product adds to them."""

    prior: Prior = DEFAULT
    products: Mapping[int, float] = field(default_factory=dict)

    def customer_adds(self, days: Iterable[Iterable[date]]) -> float:
        """What one customer adds, from the days on which they bought each product;
        those bought often enough count."""
        logs = [reorder.logs(one) for one in days]
        often = [log for one in logs if len(one) >= FEWEST_INTERVALS for log in one]
        return self.prior.of_customer(len(often), sum(often)) if often else 0.0

    def pool(self, customer_adds: float, product_id: int) -> Pool:
        """What is lent to a customer who adds so much, for this product."""
        return Pool(self.prior, customer_adds, self.products.get(product_id, 0.0))


def learn(
    lines: SQL | Composed, params: Sequence[Any], *, before: date
) -> tuple[Prior, list[ProductSums]]:
    """What those lines say, of which none is of that day or later; in a transaction."""
    sql.collect(lines, params, before=before)
    prior = pooling.learned(sql.moments())
    gone = pooling.gone(_again(sql.by_intervals()), sql.waiting(prior, today=before))
    return replace(prior, gone=(*prior.gone[:2], *gone)), sql.products()


def lender(prior: Prior, products: Iterable[ProductSums]) -> Lender:
    """From what `learn` found."""
    return Lender(
        prior,
        {
            one.product_id: prior.of_product(one.intervals, one.total)
            for one in products
            if one.intervals
        },
    )


def shop_lender(product_ids: Collection[int] | None = None) -> Lender:
    """As it was learned last; before that, the values to begin with."""
    prior = shop_prior()
    rows = ProductRhythm.objects.filter(intervals__gt=0)
    if product_ids is not None:
        rows = rows.filter(pk__in=product_ids)
    return Lender(
        prior,
        {
            pk: prior.of_product(intervals, total)
            for pk, intervals, total in rows.values_list("pk", "intervals", "total")
        },
    )


def shop_prior() -> Prior:
    """The values of the shop alone."""
    row = ShopRhythm.objects.first()
    if row is None:
        return DEFAULT
    return Prior(**{**row.values, "gone": tuple(row.values["gone"])})


def usual_products(lender: Lender) -> dict[int, Usual]:
    """The products of which something is known, whoever buys them: by their customers,
    by how long they last, or by their season."""
    rhythms = ProductRhythm.objects.filter(again__gte=FEWEST_AGAIN)
    counts = rhythms.values_list("pk", "buyers", "again")
    came_back = {pk: (buyers, again) for pk, buyers, again in counts}
    stated = Q(days_of_supply__isnull=False) | ~Q(season_months=[])
    rows = Product.objects.filter(
        stated | Q(pk__in=came_back), nature=ProductNature.PRODUCT.value
    ).values_list("pk", "days_of_supply", "season_months")
    usual = {
        pk: Usual(
            *came_back.get(pk, (0, 0)),
            adds=lender.products.get(pk, 0.0),
            days_of_supply=days,
            season=tuple(months),
        )
        for pk, days, months in rows
    }
    return {pk: one for pk, one in usual.items() if basis_of(one, lender.prior)}


def _again(by_intervals: Mapping[int, int]) -> dict[int, int]:
    """How many bought again after so many intervals; the last holds all above."""
    more = dict.fromkeys(range(2, MOST_INTERVALS + 1), 0)
    for intervals, pairs in by_intervals.items():
        for n in range(2, intervals):
            more[min(n, MOST_INTERVALS)] += pairs
    return more
