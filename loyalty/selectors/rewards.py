"""What the pages of rewards show: the catalogue, one reward, the grants of a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Count, QuerySet

from crm.models import Customer, User
from loyalty.choices import Fulfilment, GrantState
from loyalty.models import Code, Grant, Redemption, Reward, RewardYear
from loyalty.sql import pools as pools_sql

MOST_GRANTS = 50
# Today warns where the codes of a pool reach for fewer days.
DAYS_COVERED = 14


@dataclass(frozen=True)
class Listed:
    """A reward with what was given and spent this year, and the codes of its pool that
    nobody has (None: it has none of its own)."""

    reward: Reward
    given: int
    spent: Decimal
    codes: int | None


def catalogue(*, year: int, archived: bool = False) -> list[Listed]:
    """By name."""
    rows = list(Reward.objects.filter(archived_at__isnull=not archived))
    years = {
        row.reward_id: row
        for row in RewardYear.objects.filter(reward__in=rows, year=year)
    }
    pools = dict(
        Code.objects.filter(reward__in=rows, grant=None)
        .order_by()
        .values_list("reward")
        .annotate(Count("id"))
    )
    return [_listed(row, years.get(row.pk), pools) for row in rows]


def listed(reward: Reward, *, year: int) -> Listed:
    """The same of one."""
    row = RewardYear.objects.filter(reward=reward, year=year).first()
    free = Code.objects.filter(reward=reward, grant=None).count()
    return _listed(reward, row, {reward.pk: free})


def _listed(reward: Reward, year: RewardYear | None, pools: dict[int, int]) -> Listed:
    is_pool = reward.fulfilment == Fulfilment.POOL.value
    return Listed(
        reward,
        year.given if year else 0,
        year.spent if year else Decimal(0),
        pools.get(reward.pk, 0) if is_pool else None,
    )


def grants_of(reward: Reward) -> "QuerySet[Grant]":
    """The last ones given of it."""
    rows = Grant.objects.filter(reward=reward).select_related("customer", "reward")
    return rows.order_by("-granted_at", "-id")[:MOST_GRANTS]


def grants_to(customer: Customer) -> "QuerySet[Grant]":
    """What they were given, the newest first."""
    rows = Grant.objects.filter(customer=customer).select_related("reward")
    return rows.order_by("-granted_at", "-id")


def to_do(*, until: date) -> "QuerySet[Grant]":
    """What somebody has to do by then, the oldest day first."""
    rows = Grant.objects.filter(state=GrantState.TO_DO.value, due_on__lte=until)
    return rows.select_related("customer", "reward").order_by("due_on", "id")


def offered(*, until: datetime) -> "QuerySet[Grant]":
    """What waits for a yes and runs out by then, the first to run out first."""
    rows = Grant.objects.filter(state=GrantState.OFFERED.value, expires_at__lte=until)
    return rows.select_related("customer", "reward").order_by("expires_at", "id")


def may_give(staff: User) -> "QuerySet[Reward]":
    """What this member of staff may give by hand."""
    return Reward.objects.filter(archived_at=None, roles__contains=[staff.role])


def redemptions_of(grant: Grant) -> Sequence[Redemption]:
    """What became of its code, the newest first."""
    rows = Redemption.objects.filter(code__grant=grant)
    return list(rows.select_related("user", "token").order_by("-id"))


@dataclass(frozen=True)
class Pool:
    """A pool that is drawn on: how many codes it has, and how many the next days may
    need."""

    reward: Reward
    codes: int
    needed: int

    @property
    def is_low(self) -> bool:
        """A pool that is drawn on needs one code at least."""
        return self.codes < max(self.needed, 1)


def pools(*, now: datetime, today: date) -> list[Pool]:
    """Those that automations which are on give from, that programmes which are on
    offer, or that were given from lately, with what the next DAYS_COVERED days may
    need."""
    with connection.cursor() as cursor:
        cursor.execute(pools_sql.drawn_on(*days_covered(now, today)))
        found = cursor.fetchall()
    rewards = Reward.objects.in_bulk([pk for pk, *_numbers in found])
    return [Pool(rewards[pk], codes, int(needed)) for pk, codes, needed in found]


def days_covered(now: datetime, today: date) -> tuple[date, date, datetime]:
    """The first and the last day that a pool has to reach for, and since when as many
    days have gone."""
    last = today + timedelta(days=DAYS_COVERED - 1)
    return today, last, now - timedelta(days=DAYS_COVERED)
