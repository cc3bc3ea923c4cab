"""Spend what a member has: keep it for an order, use it, or give it back.

What is kept is spent from that moment, so that nothing else can take it and no lot of
it runs out; given back, each part has its old last day again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from crm import selectors
from crm.models import ApiToken, User
from crm.services import audit
from loyalty.choices import EntryKind, GrantSource, SpendState
from loyalty.errors import (
    NotAMember,
    ProgrammeOff,
    RewardRefused,
    SpendingDiffers,
    SpendingOver,
    SpendingUnknown,
)
from loyalty.models import Entry, Membership, ProgrammeReward, Spending
from loyalty.rules.allotment import NoShare
from loyalty.selectors.programmes import spendings
from loyalty.services import grants, till_undo
from loyalty.services.grants import Wish
from loyalty.services.programmes import members, order_shares, paying, posting
from loyalty.services.programmes.posting import Posting
from loyalty.sql import programme_orders
from web.busy import told_when_busy
from web.errors import InvalidValue
from web.rules import text

KEPT_FOR = timedelta(minutes=30)
_MOST_KEY = 120


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What shall be spent, in units; `key` makes twice once, and `order` is the shop's
    number of the order that it pays a share of, which comes to `total`."""

    amount: Decimal
    key: str
    order: str = ""
    total: Decimal | None = None
    user: User | None = None
    token: ApiToken | None = None


@told_when_busy
@transaction.atomic
def reserve(member: Membership, wanted: Wanted, *, now: datetime) -> Spending:
    """Keep it for half an hour; the same key again is the same spending, and begins the
    half hour anew. Raises BalanceTooLow, ShareTooLarge, SpendingDiffers, SpendingOver,
    NotAMember and InvalidValue."""
    locked = _locked(member)
    there = _there(locked, wanted)
    if there is None:
        return _spend(locked, wanted, SpendState.RESERVED, now)
    if there.state == SpendState.RELEASED.value:
        raise SpendingOver
    if there.state == SpendState.RESERVED.value:
        there.kept_until = now + KEPT_FOR
        there.save(update_fields=["kept_until"])
    return there


@told_when_busy
@transaction.atomic
def spend(member: Membership, wanted: Wanted, *, now: datetime) -> Spending:
    """Use it at once; the same key again is the same spending, and what was kept under
    it is used. Raises as `reserve`."""
    locked = _locked(member)
    there = _there(locked, wanted)
    if there is None:
        there = _spend(locked, wanted, SpendState.COMMITTED, now)
        _look_again(there, now)
        return there
    return _commit(there, now)


@told_when_busy
@transaction.atomic
def commit(member: Membership, key: str, *, now: datetime) -> Spending:
    """Use what was kept; used before: the same answer. Raises SpendingUnknown, and
    SpendingOver where it was given back meanwhile."""
    return _commit(_of_key(_locked(member), key), now)


@told_when_busy
@transaction.atomic
def release(
    member: Membership, key: str, *, by: User | None = None, now: datetime
) -> Spending:
    """It is theirs again, with its old last days: what was kept, and also what was
    used. Given back before: the same answer. `by`: the colleague who did it. Raises
    SpendingUnknown, GrantOver and GrantInUse where it took a reward that was used or is
    kept for an order."""
    locked = _locked(member)
    return release_locked(locked, _of_key(locked, key), now, by=by)


@told_when_busy
@transaction.atomic
def undo(spending: Spending, *, user: User, now: datetime) -> Spending:
    """Staff pressed by mistake. Undone before: nothing. Raises SpendingOver where it is
    too late, and NotYoursToUndo."""
    locked = _locked(spending.membership)
    found = spendings(locked).get(pk=spending.pk)
    if found.state == SpendState.RELEASED.value:
        return found
    if not may_undo(found, now=now):
        raise SpendingOver
    till_undo.check(user, found.user_id)
    return release_locked(locked, found, now, by=user)


def may_undo(spending: Spending, *, now: datetime) -> bool:
    """Whether it was spent a moment ago by a colleague."""
    return spending.user_id is not None and now < spending.made_at + till_undo.UNDO_FOR


@told_when_busy
@transaction.atomic
def take_reward(
    member: Membership,
    offer: ProgrammeReward,
    *,
    key: str,
    user: User | None = None,
    token: ApiToken | None = None,
    now: datetime,
) -> Spending:
    """A reward of the programme for what it takes; the same key again is the same one.
    Raises BalanceTooLow, RewardRefused, SpendingDiffers, SpendingOver, NotAMember,
    ProgrammeOff and InvalidValue."""
    if offer.programme_id != member.programme_id:
        raise ProgrammeOff
    locked = _locked(member)
    wanted = Wanted(amount=offer.price, key=key, user=user, token=token)
    there = _there(locked, wanted)
    if there is not None:
        if there.state == SpendState.RELEASED.value:
            raise SpendingOver
        return there
    made = _spend(locked, wanted, SpendState.COMMITTED, now)
    (grant,) = grants.give(
        offer.reward_id,
        [Wish(locked.customer_id, f"spending:{made.pk}")],
        source=GrantSource.PROGRAMME,
        by=user,
        now=now,
    )
    if isinstance(grant, NoShare):
        raise RewardRefused(grant.value)
    made.grant = grant
    made.save(update_fields=["grant"])
    return made


def _locked(member: Membership) -> Membership:
    """Theirs, or that of the record which theirs was merged into."""
    home = members.home_of(member)
    locked = posting.lock([home.pk])[home.pk]
    if not locked.customer.is_live:
        raise NotAMember
    return locked


def _there(member: Membership, wanted: Wanted) -> Spending | None:
    """What was spent under the same key. Raises SpendingDiffers where that was another
    amount or order."""
    key = _clean(wanted.key, "key")
    found = spendings(member).filter(key=key).first()
    if found is not None and (
        -found.entry.amount != wanted.amount
        or found.order_key != text.one_line(wanted.order, field="order", most=_MOST_KEY)
    ):
        raise SpendingDiffers
    return found


def _of_key(member: Membership, key: str) -> Spending:
    found = spendings(member).filter(key=key).first()
    if found is None:
        raise SpendingUnknown
    return found


def _clean(typed: str, name: str) -> str:
    clean = text.one_line(typed, field=name, most=_MOST_KEY)
    if not clean:
        raise InvalidValue(fields={name: "required"})
    return clean


def _spend(
    member: Membership, wanted: Wanted, state: SpendState, now: datetime
) -> Spending:
    amount, today = wanted.amount, selectors.business().day(now)
    if amount <= 0 or amount != round(amount, member.programme.places):
        raise InvalidValue(fields={"amount": "number_out_of_range"})
    order = text.one_line(wanted.order, field="order", most=_MOST_KEY)
    key = _clean(wanted.key, "key")
    pays = paying.pays(member, amount, order=order, total=wanted.total)
    (entry,) = posting.post(
        [
            Posting(
                membership=member.pk,
                kind=EntryKind.SPENT,
                amount=-amount,
                source_key=f"spent:{key}",
                on=today,
            )
        ],
        today=today,
        now=now,
        by=wanted.user,
    )
    made = Spending.objects.create(
        membership=member,
        key=key,
        entry=entry,
        state=state.value,
        kept_until=now + KEPT_FOR if state is SpendState.RESERVED else None,
        order_key=order,
        pays=pays,
        made_at=now,
        user=wanted.user,
        token=wanted.token,
    )
    _record(state.value, made, member, now)
    return made


def _commit(found: Spending, now: datetime) -> Spending:
    if found.state == SpendState.RELEASED.value:
        raise SpendingOver
    if found.state == SpendState.RESERVED.value:
        found.state, found.kept_until = SpendState.COMMITTED.value, None
        found.save(update_fields=["state", "kept_until"])
        _record("committed", found, found.membership, now)
        _look_again(found, now)
    return found


def release_locked(
    member: Membership, found: Spending, now: datetime, *, by: User | None = None
) -> Spending:
    """As `release`, to a membership that is locked; `by`: the colleague who did it."""
    if found.state == SpendState.RELEASED.value:
        return found
    today = selectors.business().day(now)
    if found.grant is not None:
        grants.take_back(found.grant, by=by, now=now)
    moved = Entry.objects.filter(undoes=found.entry).values_list("amount", flat=True)
    before = sum(moved, Decimal(0))
    posting.post(
        order_shares.give_back(
            found.entry_id,
            before,
            -found.entry.amount - before,
            member=member.pk,
            key=f"spending:{found.pk}:released",
            on=today,
        ),
        today=today,
        now=now,
        by=by,
    )
    found.state, found.ended_at = SpendState.RELEASED.value, now
    found.kept_until = None
    found.save(update_fields=["state", "ended_at", "kept_until"])
    _record("released", found, member, now)
    _look_again(found, now)
    return found


def _look_again(found: Spending, now: datetime) -> None:
    """What it pays of an order earns nothing."""
    if found.order_key:
        programme_orders.mark([found.membership.customer_id], now=now)


def _record(what: str, found: Spending, member: Membership, now: datetime) -> None:
    audit.record(
        f"spending.{what}",
        f"spending:{found.pk}",
        customer_id=member.customer_id,
        now=now,
    )
