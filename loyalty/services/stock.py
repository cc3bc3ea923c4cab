"""Stock, budget and the codes of a pool: taken and given back under the row of their
reward, which is locked before any grant of it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet

from crm.models import Business
from loyalty.choices import HOLDING, OPEN_GRANTS, Fulfilment, LimitSpan
from loyalty.models import Code, Grant, Reward, RewardYear
from loyalty.rules import reward_life
from loyalty.rules.allotment import Room

_HOLDING = [state.value for state in HOLDING]
_OPEN = [state.value for state in OPEN_GRANTS]


def lock(ids: Collection[int]) -> dict[int, Reward]:
    """The rewards by id, ours until the commit; in one order, so that two who want the
    same ones never wait for each other."""
    rows = Reward.objects.select_for_update(no_key=True).filter(pk__in=ids)
    return {row.pk: row for row in rows.order_by("id")}


def room_of(
    reward: Reward,
    customers: Collection[int],
    *,
    shop: Business,
    now: datetime,
    have_offer: Collection[int] | None = None,
) -> Room:
    """What is left of a locked reward, and what these people have of it; see Room."""
    today = shop.day(now)
    span = Q(year=today.year)
    if reward.limit_span == LimitSpan.TWELVE_MONTHS.value:
        span = Q(granted_at__gte=shop.begins(reward_life.year_before(today)))
    held = (
        Grant.objects.filter(
            span, reward=reward, customer__in=set(customers), state__in=_HOLDING
        )
        .order_by()
        .values_list("customer")
        .annotate(number=Count("id"))
    )
    return Room(
        left=reward.left,
        budget_left=_budget_left(reward, today.year),
        cost=reward.cost,
        codes=pool(reward).count()
        if reward.fulfilment == Fulfilment.POOL.value
        else None,
        limit=reward.limit_per_customer,
        held=dict(held) if reward.limit_per_customer is not None else {},
        is_archived=reward.archived_at is not None,
        have_offer=have_offer,
    )


def live_offers(now: datetime) -> "QuerySet[Grant]":
    """What people have of offers that are still good."""
    return Grant.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        state__in=_OPEN,
        reward__is_offer=True,
    )


def with_live_offer(customers: Collection[int], now: datetime) -> set[int]:
    """Those of these people who have an offer that is still good."""
    rows = live_offers(now).filter(customer__in=set(customers))
    return set(rows.values_list("customer", flat=True))


def pool(reward: Reward) -> "QuerySet[Code]":
    """Its codes that nobody has, the oldest first."""
    return Code.objects.filter(reward=reward, grant=None).order_by("id")


def take(reward: Reward, number: int, *, year: int) -> None:
    """So many more are given of a locked reward."""
    if not number:
        return
    Reward.objects.filter(pk=reward.pk).update(taken=F("taken") + number)
    reward.taken += number
    cost = reward.cost * number
    known = RewardYear.objects.filter(reward=reward, year=year)
    if not known.update(given=F("given") + number, spent=F("spent") + cost):
        RewardYear.objects.create(reward=reward, year=year, given=number, spent=cost)


def take_again(grant: Grant) -> None:
    """It holds again what it gave back; its reward is locked."""
    Reward.objects.filter(pk=grant.reward_id).update(taken=F("taken") + 1)
    RewardYear.objects.filter(reward=grant.reward_id, year=grant.year).update(
        given=F("given") + 1, spent=F("spent") + grant.cost
    )


def give_back(grants: Iterable[Grant]) -> None:
    """What these held is free again; their rewards are locked."""
    sums: dict[tuple[int, int], list[Decimal]] = {}
    for grant in grants:
        sums.setdefault((grant.reward_id, grant.year), []).append(grant.cost)
    for (reward, year), costs in sorted(sums.items()):
        Reward.objects.filter(pk=reward).update(taken=F("taken") - len(costs))
        RewardYear.objects.filter(reward=reward, year=year).update(
            given=F("given") - len(costs), spent=F("spent") - sum(costs)
        )


def _budget_left(reward: Reward, year: int) -> Decimal | None:
    if reward.yearly_budget is None:
        return None
    spent = RewardYear.objects.filter(reward=reward, year=year).values_list(
        "spent", flat=True
    )
    return reward.yearly_budget - (spent.first() or Decimal(0))
