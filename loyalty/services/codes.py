"""Check, keep, use and free a code. The transaction that has its grant's row decides;
the database holds one use of a code at a time besides."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from crm import selectors
from crm.models import User
from crm.services import audit
from loyalty.choices import GrantState, RedeemedBy, RedemptionState
from loyalty.errors import (
    CodeExpired,
    CodeKept,
    CodePlaceGone,
    CodeTakenBack,
    CodeUnknown,
    CodeUsed,
    UsedOnNoSuchDay,
)
from loyalty.models import Code, Grant, Redemption
from loyalty.rules import codes
from loyalty.services import code_orders, stock, till_undo
from loyalty.services.code_orders import HELD, Use
from loyalty.services.programmes import orders as programme_orders
from web.busy import told_when_busy

KEPT_FOR = timedelta(minutes=30)


def check(text: str, *, customer: int | None = None, now: datetime) -> Code:
    """The code with its grant, reward and customer, if it could be used now. Raises
    what `redeem` raises about the code itself."""
    code = _found(text, customer)
    held = _held(code)
    if held is not None and _blocks(held, now):
        raise CodeUsed(held) if _is_used(held) else CodeKept
    _usable(code.grant, now)
    return code


def is_used_for(text: str, use: Use) -> bool:
    """Whether this order has used it already."""
    rows = Redemption.objects.filter(code__key=codes.normal(text), order_key=use.key)
    return rows.filter(state=RedemptionState.REDEEMED.value).exists()


@told_when_busy
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
    made = _new(code, use, now)
    _record("code.reserved", made, now)
    return made


@told_when_busy
@transaction.atomic
def redeem(text: str, use: Use, *, now: datetime) -> Redemption:
    """Use it for this order, once; the same order again gets the same answer. One that
    says on which day is good if it was good then. Raises CodeUnknown, CodeUsed,
    CodeKept, CodeExpired, CodeTakenBack, UsedOnNoSuchDay, CodePlaceGone, InvalidValue
    and what `code_orders.check` raises."""
    code, held = _mine(text, use, now)
    if held is not None and _is_used(held):
        return held
    grant = _grant_of(code)
    at = _used_at(grant, use, now)
    if held is None:
        held = _new(code, use, now, redeemed_at=at)
    else:
        if use.total is None:
            # As it was told when the code was kept for this order.
            known = held.currency or use.currency
            use = replace(use, total=held.order_total, currency=known)
        code_orders.check(code, use, grant.customer, now=now)
        held.state, held.redeemed_at = RedemptionState.REDEEMED.value, at
        held.order_total = use.total
        held.currency = use.currency_for(code.reward)
        held.save()
    if grant.state == GrantState.EXPIRED.value:
        _hold_again(grant)
    _set(grant, GrantState.DONE, at, use.user)
    _look_again(code, now)
    _record("code.redeemed", held, now)
    return held


@told_when_busy
@transaction.atomic
def release(text: str, use: Use, *, now: datetime) -> Redemption:
    """The order is off: the code is free again, if its life is not over. Freed before:
    the same answer. Raises CodeUnknown where it was never kept or used for it."""
    key = use.key
    code = _locked(_found(text, use.customer))
    rows = code.redemptions.filter(order_key=key).order_by("-id")
    held = rows.filter(state__in=HELD).first() or rows.first()
    if held is None:
        raise CodeUnknown
    if held.state == RedemptionState.RELEASED.value:
        return held
    return _free(code, held, now)


@told_when_busy
@transaction.atomic
def undo(redemption: Redemption, *, user: User, now: datetime) -> Redemption:
    """Staff pressed by mistake at the till. Undone before: nothing.
    Raises CodeUsed where it is too late, and NotYoursToUndo."""
    code = _locked(Code.objects.get(pk=redemption.code_id))
    held = code.redemptions.get(pk=redemption.pk)
    if held.state == RedemptionState.RELEASED.value:
        return held
    if not may_undo(held, now=now):
        raise CodeUsed(held)
    till_undo.check(user, held.user_id)
    return _free(code, held, now)


def may_undo(redemption: Redemption, *, now: datetime) -> bool:
    """Whether it was redeemed at the till a moment ago."""
    at = redemption.redeemed_at
    is_of_till = redemption.via == RedeemedBy.TILL.value
    return is_of_till and at is not None and now < at + till_undo.UNDO_FOR


def _mine(text: str, use: Use, now: datetime) -> tuple[Code, Redemption | None]:
    """The locked code, free for this order, and what this order has of it already."""
    key = use.key
    code = _found(text, use.customer)
    if use.on is not None:
        # What ran out meanwhile is held again, and the reward is locked before grants.
        stock.lock([code.reward_id])
    code = _locked(code)
    held = _held(code)
    if held is not None and held.order_key == key and _blocks(held, now):
        return code, held
    if held is not None and _blocks(held, now):
        raise CodeUsed(held) if _is_used(held) else CodeKept
    _usable(code.grant, now, use)
    if held is not None:
        # It was not taken in time.
        held.state, held.released_at = RedemptionState.RELEASED.value, now
        held.save(update_fields=["state", "released_at"])
    code_orders.check(code, use, _grant_of(code).customer, now=now)
    return code, None


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
    return rows.filter(state__in=HELD).first()


def _is_used(held: Redemption) -> bool:
    return held.state == RedemptionState.REDEEMED.value


def _blocks(held: Redemption, now: datetime) -> bool:
    kept = held.kept_until
    return _is_used(held) or (kept is not None and now < kept)


def _usable(grant: Grant | None, now: datetime, use: Use | None = None) -> None:
    if grant is None or grant.state == GrantState.TAKEN_BACK.value:
        raise CodeTakenBack
    is_told_later = use is not None and use.on is not None
    if grant.state == GrantState.EXPIRED.value and not is_told_later:
        raise CodeExpired
    at = _used_at(grant, use, now) if use else now
    if grant.expires_at is not None and grant.expires_at <= at:
        raise CodeExpired


def _used_at(grant: Grant, use: Use, now: datetime) -> datetime:
    """Now, or at the end of the day that is told afterwards."""
    if use.on is None:
        return now
    shop = selectors.business()
    if not shop.day(grant.granted_at) <= use.on <= shop.day(now):
        raise UsedOnNoSuchDay
    end = shop.begins(use.on + timedelta(days=1)) - timedelta(seconds=1)
    return min(end, now)


def _hold_again(grant: Grant) -> None:
    """It was used in time, and ran out before we were told; its reward is locked."""
    reward = stock.lock([grant.reward_id])[grant.reward_id]
    if reward.left == 0:
        raise CodePlaceGone
    stock.take_again(grant)


def _grant_of(code: Code) -> Grant:
    assert code.grant is not None, "a code that was found has one"
    return code.grant


def _new(
    code: Code, use: Use, now: datetime, *, redeemed_at: datetime | None = None
) -> Redemption:
    """Used at that moment; without one it is kept."""
    state = RedemptionState.REDEEMED if redeemed_at else RedemptionState.RESERVED
    return Redemption.objects.create(
        code=code,
        order_key=use.key,
        state=state.value,
        made_at=now,
        kept_until=None if redeemed_at else now + KEPT_FOR,
        redeemed_at=redeemed_at,
        via=use.via.value,
        user=use.user,
        token=use.token,
        order_total=use.total,
        currency=use.currency_for(code.reward),
    )


def _free(code: Code, held: Redemption, now: datetime) -> Redemption:
    was_used = _is_used(held)
    held.state, held.released_at = RedemptionState.RELEASED.value, now
    held.save(update_fields=["state", "released_at"])
    if was_used:
        # The tick ends it at once where its life is over.
        _set(code.grant, GrantState.CODE_ISSUED, None, None)
        _look_again(code, now)
    _record("code.released", held, now)
    return held


def _look_again(code: Code, now: datetime) -> None:
    """The order may have earned by a rule that leaves out orders with an offer."""
    if code.reward.is_offer:
        programme_orders.mark([_grant_of(code).customer_id], now=now)


def _set(
    grant: Grant | None, state: GrantState, at: datetime | None, by: User | None
) -> None:
    assert grant is not None
    grant.state, grant.ended_at, grant.ended_by = state.value, at, by
    grant.save(update_fields=["state", "ended_at", "ended_by"])


def _record(action: str, redemption: Redemption, now: datetime) -> None:
    grant = redemption.code.grant
    audit.record(
        action,
        f"redemption:{redemption.pk}",
        customer_id=grant.customer_id if grant else None,
        now=now,
    )
