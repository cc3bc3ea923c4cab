"""For which order a code is used, and what that order must be."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from crm.models import ApiToken, Customer, OrderLine, User
from loyalty.choices import RedeemedBy, RedemptionState
from loyalty.errors import (
    CodeBelowMinimum,
    CodeDoesNotStack,
    CodeForOtherProducts,
    CodeOtherCurrency,
    OfferAMomentAgo,
)
from loyalty.models import Code, Redemption, Reward
from loyalty.rules.codes import NO_RECEIPT
from loyalty.sql import orders
from web.errors import InvalidValue
from web.rules import text as texts

HELD = [RedemptionState.RESERVED.value, RedemptionState.REDEEMED.value]
# So long two codes of one person are taken to be of one order there.
ONE_ORDER_FOR = timedelta(minutes=15)
_MOST_KEY = 120


@dataclass(frozen=True)
class Use:
    """For which order, by which entry point, and by whom a code is used."""

    order_key: str
    via: RedeemedBy
    user: User | None = None
    token: ApiToken | None = None
    # Whose order it is, where that is known: a code of anybody else is none.
    customer: int | None = None
    total: Decimal | None = None
    currency: str = ""
    # Codes (SKU) of what is in it; None: not given.
    products: frozenset[str] | None = None
    # The day of the shop on which it was used, where that is told afterwards.
    on: date | None = None

    @property
    def key(self) -> str:
        """The order as it is kept. Raises InvalidValue."""
        clean = texts.one_line(self.order_key, field="order", most=_MOST_KEY)
        if not clean:
            raise InvalidValue(fields={"order": "required"})
        return clean

    def currency_for(self, reward: Reward) -> str:
        """That of the total: at the till and in a file it is the reward's."""
        if self.currency or self.total is None or self.via is RedeemedBy.API:
            return self.currency
        return reward.currency


def check(code: Code, use: Use, customer: Customer, *, now: datetime) -> None:
    """Whether the order may have this code of this customer; within a transaction.
    Raises CodeOtherCurrency, CodeBelowMinimum, CodeForOtherProducts, CodeDoesNotStack
    and OfferAMomentAgo; InvalidValue for `total` where it is not told and the reward
    has a least amount: a file of the shop alone need not have it."""
    _check_money(code.reward, use)
    _check_products(code.reward, use, customer)
    if code.reward.is_offer:
        _check_stacking(code, use, customer, now)


def _check_money(reward: Reward, use: Use) -> None:
    least = reward.minimum
    names_money = reward.amount is not None or least is not None
    if use.currency and names_money and use.currency != reward.currency:
        raise CodeOtherCurrency
    if least is None:
        return
    if use.total is None and use.via is not RedeemedBy.FILE:
        raise InvalidValue(fields={"total": "required"})
    if use.total is not None and use.total < least:
        raise CodeBelowMinimum


def _check_products(reward: Reward, use: Use, customer: Customer) -> None:
    wanted = set(reward.products.values_list("sku", flat=True))
    if not wanted:
        return
    bought = use.products
    if bought is None:
        bought = _known_products(use.key, customer)
    if bought is not None and not wanted & bought:
        raise CodeForOtherProducts


def _known_products(key: str, customer: Customer) -> frozenset[str] | None:
    """Of the customer's order of this number; None where we have no such order."""
    lines = OrderLine.objects.filter(
        Q(order__external_id=key) | Q(order__number=key), customer=customer
    )
    return frozenset(lines.values_list("product__sku", flat=True)) or None


def _check_stacking(code: Code, use: Use, customer: Customer, now: datetime) -> None:
    key, is_at_till = use.key, use.via is RedeemedBy.TILL
    # Two offers of one order at once: the second waits for the first.
    orders.lock(key)
    if is_at_till:
        orders.lock(f"{NO_RECEIPT}{customer.pk}")
    others = Redemption.objects.filter(
        Q(code__reward__stacks=False) if code.reward.stacks else Q(),
        state__in=HELD,
        code__reward__is_offer=True,
    ).exclude(code=code)
    if others.filter(order_key=key).exists():
        raise CodeDoesNotStack
    if is_at_till and key.startswith(NO_RECEIPT):
        a_moment_ago = others.filter(
            code__grant__customer=customer,
            via=RedeemedBy.TILL.value,
            redeemed_at__gt=now - ONE_ORDER_FOR,
        )
        if a_moment_ago.exists():
            raise OfferAMomentAgo
