"""One way from purchases to expectations, for the upkeep and the customer page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter

from loyalty.rules.first_reorder import Usual, first_expected
from loyalty.rules.reorder import (
    FEWEST_PURCHASES,
    Bought,
    Expected,
    Rhythm,
    expected,
)
from loyalty.selectors.pooling import Lender, shop_lender, usual_products
from loyalty.sql.next_purchases import Purchases


@dataclass(frozen=True)
class Known:
    """What is known beside a customer's own purchases."""

    lender: Lender
    usual: Mapping[int, Usual]


def known() -> Known:
    """As it was learned last; three queries."""
    lender = shop_lender()
    return Known(lender, usual_products(lender))


def customer_adds(pairs: Iterable[Purchases], lender: Lender) -> dict[int, float]:
    """Customer id to what they add to every interval."""
    by_customer = sorted(pairs, key=attrgetter("customer_id"))
    return {
        customer: lender.customer_adds(pair.days for pair in own)
        for customer, own in groupby(by_customer, key=attrgetter("customer_id"))
    }


def expected_of(
    pair: Purchases,
    known: Known,
    orders: Rhythm | None,
    adds: float,
    *,
    today: date | None,
    slot: int | None,
) -> Expected | None:
    """From their own intervals; of what they bought once or twice, from the product."""
    bought = list(map(Bought, pair.days, pair.quantities))
    pool = known.lender.pool(adds, pair.product_id)
    if len(set(pair.days)) >= FEWEST_PURCHASES:
        return expected(bought, orders, pool, today=today, slot=slot)
    usual = known.usual.get(pair.product_id)
    if usual is None:
        return None
    return first_expected(bought, usual, orders, pool, today=today, slot=slot)
