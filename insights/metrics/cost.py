"""What a customer costs, and how long it takes to earn that back."""

from decimal import Decimal

from insights.metrics.measures import Measure, Why, without


def acquisition_cost(spend: Decimal, gained: int) -> Measure:
    """Spend ÷ customers gained with it (CAC), in the currency of the spend.

    Blattberg and Deighton, "Manage marketing by the customer equity test", Harvard
    Business Review 1996.
    """
    if spend <= 0:
        return without(Why.NO_SPEND, base=gained)
    if gained <= 0:
        return without(Why.NOBODY)
    return Measure(float(spend / gained), base=gained)


def break_even(cost: Measure, margin: Decimal = Decimal(1)) -> Measure:
    """What a customer must spend before they have paid for themselves: CAC ÷ margin.

    `margin` is the part of revenue that is left after the goods; 1 where none is known:
    who cost 300 must at least spend 300.
    """
    if cost.value is None:
        return cost
    if margin <= 0:
        return without(Why.NO_REVENUE, base=cost.base)
    return Measure(cost.value / float(margin), base=cost.base)


def months_to_earn_back(
    cost: Measure, revenue_a_month: Decimal, margin: Decimal = Decimal(1)
) -> Measure:
    """CAC ÷ (revenue of a customer a month x margin)."""
    needed = break_even(cost, margin)
    if needed.value is None:
        return needed
    if revenue_a_month <= 0:
        return without(Why.NO_REVENUE, base=cost.base)
    return Measure(needed.value / float(revenue_a_month), base=cost.base)


def value_to_cost(value: Decimal, cost: Measure) -> Measure:
    """The value of a customer so far for each unit that they cost (CLV : CAC)."""
    if cost.value is None:
        return cost
    if value <= 0:
        return without(Why.NO_REVENUE, base=cost.base)
    return Measure(float(value) / cost.value, base=cost.base)
