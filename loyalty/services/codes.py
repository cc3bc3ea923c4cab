"""Check, keep, use and free a code. Whoever has its grant's row decides; the database
holds one use of a code at a time besides."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from crm.models import ApiToken, User
from crm.services import audit
from loyalty.choices import GrantState, RedeemedBy, RedemptionState
from loyalty.errors import (
    CodeBelowMinimum,
    CodeDoesNotStack,
    CodeExpired,
    CodeKept,
    CodeOtherCurrency,
    CodeTakenBack,
    CodeUnknown,
    CodeUsed,
)
from loyalty.models import Code, Grant, Redemption
from loyalty.rules import codes
from loyalty.sql import orders
from web.errors import InvalidValue
from web.rules import text as texts

KEPT_FOR = timedelta(minutes=30)
# So long a redemption at the till can be undone there.
UNDO_FOR = timedelta(minutes=15)
_HELD = [RedemptionState.RESERVED.value, RedemptionState.REDEEMED.value]
_MOST_KEY = 120


@dataclass(frozen=True)
class Use:
    """For which order, through which door, and by whom a code is used."""

    order_key: str
    via: RedeemedBy
    user: User | None = None
    token: ApiToken | None = None
    # Whose order it is, where that is known: a code of anybody else is none.
    customer: int | None = None
    total: Decimal | None = None
    currency: str = ""


def check(text: str, *, customer: int | None = None, now: datetime) -> Code:
    """The code with its grant, reward and customer, if it could be used now. Raises
    what `redeem` raises about the code itself."""
    code = _found(text, customer)
    held = _held(code)
    if held is not None and _blocks(held, now):
        raise CodeUsed(held) if _is_used(held) else CodeKept
    _usable(code.grant, now)
    return code


@transaction.atomic
def reserve(text: str, use: Use, *, now: datetime) -> Redemption:
    """Keep it for this order for half an hour; the same order again renews that.
    Raises as `redeem`."""
    code, held = _mine(text, use, now)
    if held is not None:
        if _is_used(held):
            return held
        held.kept_until = now + KEPT_FOR
        held.save(update_fields=["kept_until"])
        return held
    made = _new(code, use, RedemptionState.RESERVED, now)
    _record("code.reserved", made, now)
    return made


@transaction.atomic
def redeem(text: str, use: Use, *, now: datetime) -> Redemption:
    """Use it for this order, once; the same order again gets the same answer. Raises
    CodeUnknown, CodeUsed, CodeKept, CodeExpired, CodeTakenBack, CodeBelowMinimum,
    CodeOtherCurrency, CodeDoesNotStack and InvalidValue."""
    code, held = _mine(text, use, now)
    if held is not None and _is_used(held):
        return held
    if held is None:
        held = _new(code, use, RedemptionState.REDEEMED, now)
    else:
        _check_order(code, use)
        held.state, held.redeemed_at = RedemptionState.REDEEMED.value, now
        held.order_total, held.currency = use.total, use.currency
        held.save()
    _set(code.grant, GrantState.DONE, now, use.user)
    _record("code.redeemed", held, now)
    return held


@transaction.atomic
def release(text: str, use: Use, *, now: datetime) -> Redemption:
    """The order is off: the code is free again, if its life is not over. Freed before:
    the same answer. Raises CodeUnknown where it was never kept or used for it."""
    key = _order_key(use.order_key)
    code = _locked(_found(text, use.customer))
    rows = code.redemptions.filter(order_key=key).order_by("-id")
    held = rows.filter(state__in=_HELD).first() or rows.first()
    if held is None:
        raise CodeUnknown
    if held.state == RedemptionState.RELEASED.value:
        return held
    return _free(code, held, now)


@transaction.atomic
def undo(redemption: Redemption, *, user: User, now: datetime) -> Redemption:
    """Whoever redeemed it at the till pressed by mistake. Undone before: nothing.
    Raises CodeUsed where it is too late."""
    code = _locked(Code.objects.get(pk=redemption.code_id))
    held = code.redemptions.get(pk=redemption.pk)
    if held.state == RedemptionState.RELEASED.value:
        return held
    if not may_undo(held, now=now):
        raise CodeUsed(held)
    return _free(code, held, now)


def may_undo(redemption: Redemption, *, now: datetime) -> bool:
    """Whether it was redeemed at the till a moment ago."""
    at = redemption.redeemed_at
    is_of_till = redemption.via == RedeemedBy.TILL.value
    return is_of_till and at is not None and now < at + UNDO_FOR


def _mine(text: str, use: Use, now: datetime) -> tuple[Code, Redemption | None]:
    """The locked code, free for this order, and what this order has of it already."""
    key = _order_key(use.order_key)
    code = _locked(_found(text, use.customer))
    held = _held(code)
    if held is not None and held.order_key == key and _blocks(held, now):
        return code, held
    if held is not None and _blocks(held, now):
        raise CodeUsed(held) if _is_used(held) else CodeKept
    _usable(code.grant, now)
    if held is not None:
        # Nobody came back for it.
        held.state, held.released_at = RedemptionState.RELEASED.value, now
        held.save(update_fields=["state", "released_at"])
    _check_order(code, use)
    return code, None


def _check_order(code: Code, use: Use) -> None:
    reward = code.reward
    names_money = reward.amount is not None or reward.minimum is not None
    if use.currency and names_money and use.currency != reward.currency:
        raise CodeOtherCurrency
    least = reward.minimum
    if use.total is not None and least is not None and use.total < least:
        raise CodeBelowMinimum
    if not reward.is_offer:
        return
    key = _order_key(use.order_key)
    # Two offers of one order at once: the second waits for the first.
    orders.lock(key)
    others = Redemption.objects.filter(
        Q(code__reward__stacks=False) if reward.stacks else Q(),
        order_key=key,
        state__in=_HELD,
        code__reward__is_offer=True,
    )
    if others.exclude(code=code).exists():
        raise CodeDoesNotStack


def _found(text: str, customer: int | None) -> Code:
    """Of whoever is live; somebody else's is as unknown as one that is none."""
    rows = Code.objects.select_related("grant__customer", "reward")
    code = rows.filter(key=codes.normal(text), grant__isnull=False).first()
    if code is None or code.grant is None or not code.grant.customer.is_live:
        raise CodeUnknown
    if customer is not None and code.grant.customer_id != customer:
        raise CodeUnknown
    return code


def _locked(code: Code) -> Code:
    """With its grant as it is now, ours until the commit."""
    rows = Grant.objects.select_for_update(no_key=True, of=("self",))
    code.grant = rows.select_related("customer").get(code=code)
    return code


def _held(code: Code) -> Redemption | None:
    rows = code.redemptions.select_related("user", "token")
    return rows.filter(state__in=_HELD).first()


def _is_used(held: Redemption) -> bool:
    return held.state == RedemptionState.REDEEMED.value


def _blocks(held: Redemption, now: datetime) -> bool:
    kept = held.kept_until
    return _is_used(held) or (kept is not None and now < kept)


def _usable(grant: Grant | None, now: datetime) -> None:
    if grant is None or grant.state == GrantState.TAKEN_BACK.value:
        raise CodeTakenBack
    if grant.state == GrantState.EXPIRED.value:
        raise CodeExpired
    if grant.expires_at is not None and grant.expires_at <= now:
        raise CodeExpired


def _new(code: Code, use: Use, state: RedemptionState, now: datetime) -> Redemption:
    is_used = state is RedemptionState.REDEEMED
    return Redemption.objects.create(
        code=code,
        order_key=_order_key(use.order_key),
        state=state.value,
        made_at=now,
        kept_until=None if is_used else now + KEPT_FOR,
        redeemed_at=now if is_used else None,
        via=use.via.value,
        user=use.user,
        token=use.token,
        order_total=use.total,
        currency=use.currency,
    )


def _free(code: Code, held: Redemption, now: datetime) -> Redemption:
    was_used = _is_used(held)
    held.state, held.released_at = RedemptionState.RELEASED.value, now
    held.save(update_fields=["state", "released_at"])
    if was_used:
        # The tick ends it at once where its life is over.
        _set(code.grant, GrantState.CODE_ISSUED, None, None)
    _record("code.released", held, now)
    return held


def _set(
    grant: Grant | None, state: GrantState, at: datetime | None, by: User | None
) -> None:
    assert grant is not None
    grant.state, grant.ended_at, grant.ended_by = state.value, at, by
    grant.save(update_fields=["state", "ended_at", "ended_by"])


def _order_key(typed: str) -> str:
    clean = texts.one_line(typed, field="order", most=_MOST_KEY)
    if not clean:
        raise InvalidValue(fields={"order": "required"})
    return clean


def _record(action: str, redemption: Redemption, now: datetime) -> None:
    grant = redemption.code.grant
    audit.record(
        action,
        f"redemption:{redemption.pk}",
        customer_id=grant.customer_id if grant else None,
        now=now,
    )
