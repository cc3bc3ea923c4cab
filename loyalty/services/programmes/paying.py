"""What share of an order the units of a member may pay."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from loyalty.choices import SpendState
from loyalty.errors import ShareTooLarge
from loyalty.models import Membership, Programme, Spending
from loyalty.rules.programmes import share
from loyalty.sql import orders
from web.errors import InvalidValue
from web.rules import money

_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Share:
    """So many `units` pay so much money of an order, and so much is left to pay."""

    units: Decimal
    pays: Decimal
    left: Decimal


def most(
    member: Membership, total: Decimal, *, order: str = "", spendable: Decimal
) -> Share:
    """The most that they can pay of an order of `total`, in the currency of the
    programme, with what they can spend. Nothing is kept. None of it where units pay in
    no order."""
    programme = member.programme
    if programme.worth is None:
        return Share(_NOTHING, _NOTHING, total)
    allowed = _allowed(member, total, order)
    units = share.units_for(allowed, programme.worth, programme.places)
    units = min(units, max(spendable, _NOTHING))
    pays = _pays(programme, units)
    before = _paid(member, order).get(None, _NOTHING)
    return Share(units, pays, total - before - pays)


def pays(
    member: Membership, units: Decimal, *, order: str, total: Decimal | None
) -> Decimal | None:
    """What so many units pay of an order; None where there is no order, or they pay in
    none. Within the transaction that spends them. `total`: what the order comes to,
    which a programme that pays a share of it has to know. Raises ShareTooLarge, and
    InvalidValue for `total`."""
    programme = member.programme
    if not order or programme.worth is None:
        return None
    wanted = _pays(programme, units)
    if total is None:
        if programme.share_percent is not None:
            raise InvalidValue(fields={"total": "required"})
        return wanted
    # Two spendings for one order at once: the second waits for the first.
    orders.lock(order)
    allowed = _allowed(member, total, order)
    if wanted > allowed:
        raise ShareTooLarge(allowed)
    return wanted


def _pays(programme: Programme, units: Decimal) -> Decimal:
    assert programme.worth is not None, "its units pay in orders"
    return money.round_money(units * programme.worth, programme.currency)


def _allowed(member: Membership, total: Decimal, order: str) -> Decimal:
    programme, before = member.programme, _paid(member, order)
    return share.most_money(
        total,
        programme.share_percent,
        programme.currency,
        by_this=before.get(programme.pk, _NOTHING),
        by_all=before.get(None, _NOTHING),
    )


def _paid(member: Membership, order: str) -> dict[int | None, Decimal]:
    """By programme what they paid of this order, in the currency of this one; None:
    all together."""
    if not order:
        return {}
    ours: Q = Q(membership__customer=member.customer_id) | Q(
        membership__customer__merged_into=member.customer_id
    )
    rows: QuerySet[Spending] = Spending.objects.filter(
        ours,
        order_key=order,
        membership__programme__currency=member.programme.currency,
    ).exclude(state=SpendState.RELEASED.value)
    sums = rows.values_list("membership__programme").annotate(sum=Sum("pays"))
    found: dict[int | None, Decimal] = {one: paid or _NOTHING for one, paid in sums}
    return {**found, None: sum(found.values(), _NOTHING)}
