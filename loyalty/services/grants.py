"""Give rewards to people, and what becomes of each: done, run out, taken back.

To give or to end locks the reward first and the grants after it; to redeem a code
locks its grant alone, unless a file says on which day it was used.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from crm import selectors
from crm.models import Customer, User
from crm.rules import dates
from crm.services import audit
from loyalty.choices import (
    OPEN_GRANTS,
    Fulfilment,
    GrantSource,
    GrantState,
    RedemptionState,
)
from loyalty.errors import GrantInUse, GrantOver, RewardNotYours, RewardRefused
from loyalty.models import Code, Grant, Reward
from loyalty.rules import codes, reward_life
from loyalty.rules.allotment import NoShare, shares
from loyalty.services import reward_mails, stock
from web.busy import told_when_busy
from web.errors import InvalidValue
from web.rules import text

_OPEN = [state.value for state in OPEN_GRANTS]
_FIRST_STATE = {
    Fulfilment.CODE.value: GrantState.CODE_ISSUED,
    Fulfilment.POOL.value: GrantState.CODE_ISSUED,
    Fulfilment.DESK.value: GrantState.TO_DO,
    Fulfilment.ASK.value: GrantState.OFFERED,
}
# Why one was taken back.
BY_STAFF, MAIL_NOT_SENT, ERASED = "by_staff", "mail_not_sent", "erased"
MOST_REASON = 300
_SLICE = 500


@dataclass(frozen=True)
class Wish:
    """Somebody who shall have a reward. The same customer and key again is the same
    grant; `due_on` is by when somebody must have done it, if not by the days of the
    reward."""

    customer: int
    source_key: str
    message: int | None = None
    due_on: date | None = None


@told_when_busy
@transaction.atomic
def give(
    reward_id: int,
    wishes: Sequence[Wish],
    *,
    source: GrantSource,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    beside_offer: bool = False,
) -> list[Grant | NoShare]:
    """For each wish in its order its grant, or why there is none. `beside_offer`: also
    to whoever has an offer that is still good; see GiveForm."""
    # Before the lock: whoever waits for it waits for every statement behind it.
    shop = selectors.business()
    today = shop.day(now)
    reward = stock.lock([reward_id]).get(reward_id)
    if reward is None:
        return [NoShare.ARCHIVED] * len(wishes)
    there = _there(wishes)
    new = list({_key(one): one for one in wishes if _key(one) not in there}.values())
    people = [wish.customer for wish in new]
    # Of a programme it is paid for in points: members need not wait for it.
    is_paid = source is GrantSource.PROGRAMME
    is_alone = reward.is_alone and not (beside_offer or is_paid)
    have_offer = stock.with_live_offer(people, now) if is_alone else None
    room = stock.room_of(reward, people, shop=shop, now=now, have_offer=have_offer)
    answers = shares(room, people)
    lucky = [wish for wish, no in zip(new, answers, strict=True) if no is None]
    expires_on = reward_life.last_day(today, reward.life_days)
    state = _FIRST_STATE[reward.fulfilment]
    is_to_do = state is GrantState.TO_DO
    due_on = reward_life.day_to_do(today, reward.days_to_do)
    zone = dates.zone_of(shop.time_zone, "UTC")
    made = Grant.objects.bulk_create(
        Grant(
            customer_id=wish.customer,
            reward=reward,
            state=state.value,
            source=source.value,
            source_key=wish.source_key,
            message_id=wish.message,
            granted_at=now,
            granted_by=by,
            reason=reason,
            cost=reward.cost,
            currency=reward.currency,
            year=today.year,
            expires_on=expires_on,
            expires_at=reward_life.moment_after(expires_on, zone),
            due_on=wish.due_on or (due_on if is_to_do else None),
            owner=doer_of(reward),
        )
        for wish in lucky
    )
    stock.take(reward, len(made), year=today.year)
    _hand_out_codes(reward, made, now)
    record("given", made, now)
    found: dict[tuple[int, str], Grant | NoShare] = {
        **there,
        **{_key(wish): no for wish, no in zip(new, answers, strict=True) if no},
        **{(grant.customer_id, grant.source_key): grant for grant in made},
    }
    return [found[_key(wish)] for wish in wishes]


@told_when_busy
@transaction.atomic
def give_by_hand(
    customer: Customer,
    reward: Reward,
    *,
    staff: User,
    reason: str,
    once: str,
    due_on: date | None = None,
    tells: bool = False,
    beside_offer: bool = False,
    now: datetime,
) -> Grant:
    """Somebody of the team gives one, and `tells` them by mail; the same `once` is the
    same grant. Raises RewardNotYours, InvalidValue, and RewardRefused: also for a
    second offer that was not asked for by `beside_offer`."""
    clean = text.one_line(reason, field="reason", most=MOST_REASON)
    if not clean:
        raise InvalidValue(fields={"reason": "required"})
    if staff.role not in reward.roles:
        raise RewardNotYours
    # Before the reward, as everything that holds a person's row while it gives.
    live = Customer.objects.live().select_for_update(no_key=True)
    person = live.get(pk=customer.pk)
    wish = Wish(person.pk, f"hand:{once}", due_on=due_on)
    (answer,) = give(
        reward.pk,
        [wish],
        source=GrantSource.HAND,
        by=staff,
        reason=clean,
        beside_offer=beside_offer,
        now=now,
    )
    if isinstance(answer, NoShare):
        raise RewardRefused(answer.value)
    if tells:
        reward_mails.post(answer, now=now)
    return answer


@told_when_busy
@transaction.atomic
def take_back(
    grant: Grant, *, why: str = BY_STAFF, by: User | None, now: datetime
) -> Grant:
    """It is theirs no more, and its piece and cost are free again; taken back already:
    nothing. Raises GrantOver where it was used or done, and GrantInUse while its code
    is kept for an order."""
    stock.lock([grant.reward_id])
    locked = Grant.objects.select_for_update(no_key=True).get(pk=grant.pk)
    if locked.state == GrantState.TAKEN_BACK.value:
        return locked
    if locked.state not in _OPEN:
        raise GrantOver
    if Grant.objects.filter(_kept_for_an_order(now), pk=locked.pk).exists():
        raise GrantInUse
    _end([locked], GrantState.TAKEN_BACK, why=why, by=by, now=now)
    return locked


def doer_of(reward: Reward) -> User | None:
    """Who does it, of those who still work here."""
    doer = reward.doer if reward.is_by_hand else None
    return doer if doer and doer.is_active else None


def end_of(
    rows: QuerySet[Grant], state: GrantState, *, why: str = "", now: datetime
) -> int:
    """End the open ones of these grants; how many. Within a transaction."""
    rewards = set(rows.filter(state__in=_OPEN).values_list("reward", flat=True))
    if not rewards:
        return 0
    stock.lock(rewards)
    locked = rows.filter(state__in=_OPEN, reward__in=rewards)
    found = list(locked.order_by("id").select_for_update(of=("self",), no_key=True))
    _end(found, state, why=why, by=None, now=now)
    return len(found)


def expire(*, now: datetime) -> int:
    """What has run out holds nothing any more; how many. A code that is kept for an
    order stays until that is decided."""
    count = 0
    while ended := _expire_some(now):
        count += ended
    return count


@transaction.atomic
def _expire_some(now: datetime) -> int:
    over = Grant.objects.filter(state__in=_OPEN, expires_at__lte=now)
    ids = list(
        over.exclude(pk__in=over.filter(_kept_for_an_order(now)).values("pk"))
        .order_by("expires_at")
        .values_list("pk", flat=True)[:_SLICE]
    )
    return end_of(Grant.objects.filter(pk__in=ids), GrantState.EXPIRED, now=now)


def _key(wish: Wish) -> tuple[int, str]:
    return wish.customer, wish.source_key


def _there(wishes: Sequence[Wish]) -> Mapping[tuple[int, str], Grant]:
    """What was given before by the same key."""
    rows = Grant.objects.exclude(state=GrantState.TAKEN_BACK.value).filter(
        customer__in={wish.customer for wish in wishes},
        source_key__in={wish.source_key for wish in wishes},
    )
    return {(row.customer_id, row.source_key): row for row in rows}


def _hand_out_codes(reward: Reward, grants: Sequence[Grant], now: datetime) -> None:
    if reward.fulfilment == Fulfilment.POOL.value:
        ours = list(stock.pool(reward)[: len(grants)])
        for code, grant in zip(ours, grants, strict=True):
            code.grant = grant
        Code.objects.bulk_update(ours, ["grant"])
    elif reward.fulfilment == Fulfilment.CODE.value:
        texts = [codes.made(secrets.randbelow) for _ in grants]
        Code.objects.bulk_create(
            Code(
                reward=reward,
                text=one,
                key=codes.normal(one),
                grant=grant,
                added_at=now,
            )
            for one, grant in zip(texts, grants, strict=True)
        )


def _kept_for_an_order(now: datetime) -> Q:
    return Q(
        code__redemptions__state=RedemptionState.RESERVED.value,
        code__redemptions__kept_until__gt=now,
    )


def _end(
    locked: Sequence[Grant],
    state: GrantState,
    *,
    why: str,
    by: User | None,
    now: datetime,
) -> None:
    """`locked` are open, and so are the rows of their rewards."""
    for grant in locked:
        grant.state, grant.ended_at = state.value, now
        grant.ended_by, grant.ended_why = by, why
    fields = ["state", "ended_at", "ended_by", "ended_why"]
    Grant.objects.bulk_update(locked, fields)
    stock.give_back(locked)
    if why == MAIL_NOT_SENT:
        # Their mail was not delivered: the shop's own codes are for the next.
        Code.objects.filter(
            grant__in=locked, reward__fulfilment=Fulfilment.POOL.value
        ).update(grant=None)
    record(state.value, locked, now)


def new_key() -> str:
    """A key for what is asked for once, where the page brought none."""
    return secrets.token_urlsafe(12)


def record(what: str, grants: Sequence[Grant], now: datetime) -> None:
    """A line of audit for each."""
    about = [(f"grant:{grant.pk}", grant.customer_id) for grant in grants]
    audit.record_many(f"grant.{what}", about, now=now)
