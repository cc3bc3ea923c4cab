"""What an order earns under a version of a rule.

The base is what was bought and kept, less the discounts of the order and what points
paid of it, each by the share of the lines that count; never postage, fees or gift
cards, which are no purchases. It is exact until the units are rounded, once an order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor
from types import MappingProxyType
from typing import NamedTuple

from loyalty.choices import Measure, Rounding

_NOTHING = Decimal(0)
_NO_TAX: Mapping[Decimal, Decimal] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The fields of a RuleVersion, and the places of its programme's unit."""

    units: Decimal
    measure: Measure
    currency: str
    per: Decimal | None = None
    rounding: Rounding = Rounding.DOWN
    factor: Decimal = Decimal(1)
    tax_percent: Decimal | None = None
    minimum: Decimal | None = None
    cap_order: Decimal | None = None
    cap_day: Decimal | None = None
    cap_month: Decimal | None = None
    not_discounted: bool = False
    places: int = 0

    @cached_property
    def rate(self) -> Fraction:
        """Units for each unit of money, visit or item."""
        each = Fraction(self.units) * Fraction(self.factor)
        return each / Fraction(self.per or 1) if self.measure is Measure.MONEY else each

    @cached_property
    def visit(self) -> Decimal:
        """What one visit earns."""
        return rounded(self.rate, self.rounding, self.places)


class OrderFacts(NamedTuple):
    """An order as it stands: money of its currency, quantities as sold.

    `goods`: all that was bought, returned or not; `kept` and `items`: the amount and
    the number of what counts for the rule and was not returned; `discount`: what lines
    of discounts took off; `paid`: what points paid of it when it was bought; `taxed`:
    by the tax in their price, in percent, what lines of `kept` come to whose product
    says it; `known`: what those come to whose own tax is known, and `untaxed` the same
    without it.
    """

    id: int
    at: datetime
    on: date
    currency: str
    goods: Decimal
    kept: Decimal
    items: Decimal
    discount: Decimal = _NOTHING
    paid: Decimal = _NOTHING
    has_offer: bool = False
    taxed: Mapping[Decimal, Decimal] = _NO_TAX
    known: Decimal = _NOTHING
    untaxed: Fraction = Fraction(0)


def base(order: OrderFacts, terms: Terms) -> Fraction:
    """The money that counts: 30 of 90 kept, with 9 off the whole order, are 27. Without
    tax each line is as it says itself, else as its product says, and as the rule says
    where both are silent."""
    if order.goods <= 0:
        return Fraction(0)
    counted = Fraction(max(order.goods - order.discount - order.paid, _NOTHING))
    if terms.tax_percent is not None:
        counted *= _without_tax(order, terms.tax_percent) / Fraction(order.goods)
    elif order.kept != order.goods:
        counted *= Fraction(order.kept) / Fraction(order.goods)
    return counted


def _without_tax(order: OrderFacts, usual: Decimal) -> Fraction:
    rest = Fraction(order.kept - order.known)
    rest -= sum(map(Fraction, order.taxed.values()))
    parts = [(Fraction(usual), rest)]
    parts += [(Fraction(rate), Fraction(one)) for rate, one in order.taxed.items()]
    return sum((one / (1 + rate / 100) for rate, one in parts), order.untaxed)


def units_of(order: OrderFacts, terms: Terms) -> Decimal:
    """What it earns by itself, in units, before the caps of its day and month."""
    if order.currency != terms.currency or order.items <= 0:
        return _NOTHING
    if terms.not_discounted and (order.discount > 0 or order.has_offer):
        return _NOTHING
    if terms.minimum is not None and base(order, terms) < Fraction(terms.minimum):
        return _NOTHING
    if terms.measure is Measure.VISIT:
        return _at_most(terms.visit, terms.cap_order)
    times = Fraction(order.items)
    if terms.measure is Measure.MONEY:
        times = base(order, terms)
    exact = times * terms.rate
    return _at_most(rounded(exact, terms.rounding, terms.places), terms.cap_order)


def rounded(exact: Fraction, rounding: Rounding, places: int) -> Decimal:
    """Not below zero; half up is away from zero: 2.5 is 3."""
    scaled = exact * 10**places if places else exact
    whole = floor(scaled + Fraction(1, 2) if rounding is Rounding.HALF_UP else scaled)
    return Decimal(max(whole, 0)).scaleb(-places)


def entitled(
    orders: Iterable[tuple[OrderFacts, Terms]],
    booked: Mapping[date, Decimal] | None = None,
) -> dict[int, Decimal]:
    """By the id of each order of one member, what it earns in all by one rule, under
    the terms of the version that counts for it. A cap of the day or month is as high as
    that version says, and what it leaves, less what was `booked` at the till by day, is
    taken in the order in which they were ordered, whatever version counted before."""
    of_day: defaultdict[date, Decimal] = defaultdict(Decimal)
    of_month: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for day, units in (booked or {}).items():
        of_day[day] += units
        of_month[day.year, day.month] += units
    found = {}
    for order, terms in sorted(orders, key=lambda one: (one[0].at, one[0].id)):
        month = order.on.year, order.on.month
        units = units_of(order, terms)
        units = within_caps(units, terms, of_day[order.on], of_month[month])
        of_day[order.on] += units
        of_month[month] += units
        found[order.id] = units
    return found


def within_caps(
    units: Decimal, terms: Terms, of_day: Decimal, of_month: Decimal
) -> Decimal:
    """What of `units` the caps of the day and the month leave, of which so much was
    earned already."""
    units = _at_most(units, _left(terms.cap_day, of_day))
    return _at_most(units, _left(terms.cap_month, of_month))


def _at_most(units: Decimal, most: Decimal | None) -> Decimal:
    return units if most is None else min(units, most)


def _left(cap: Decimal | None, used: Decimal) -> Decimal | None:
    return None if cap is None else max(cap - used, _NOTHING)
