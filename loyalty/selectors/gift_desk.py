"""What the gift desk shows: what somebody of the team does, and what it costs."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from crm.access import Capability
from crm.models import User
from crm.rules.lateness import DAYS_AHEAD
from loyalty.choices import Fulfilment, GrantState
from loyalty.models import Grant, Reward

# A week from today on, today among them, as on Today.
AHEAD = timedelta(days=DAYS_AHEAD)
_BY_HAND = [Fulfilment.DESK.value, Fulfilment.ASK.value]
_NONE = Decimal(0)
# What a row shows.
_SHOWN = ("customer", "reward", "owner", "spending__membership__programme")
MOST_OFFERED = 50


class Tab(StrEnum):
    """What is to do within a week (late ones among them), what is late, what this
    reader does, and all."""

    WEEK = "week"
    LATE = "late"
    MINE = "mine"
    ALL = "all"


@dataclass(frozen=True)
class Budget:
    """What gifts of one currency cost this year, and what they may cost. `spent` is
    that of rewards with a budget; `unbounded` of those without."""

    currency: str
    spent: Decimal = Decimal(0)
    budget: Decimal = Decimal(0)
    unbounded: Decimal = Decimal(0)

    @property
    def percent(self) -> int:
        """Of the budget, rounded down; 0 where there is none."""
        return int(self.spent * 100 / self.budget) if self.budget else 0


def to_do(tab: Tab, *, staff: User, today: date) -> "QuerySet[Grant]":
    """With all that a row shows, in no order."""
    rows = Grant.objects.filter(state=GrantState.TO_DO.value).filter(
        _on(tab, staff, today)
    )
    return rows.select_related(*_SHOWN)


def offered() -> tuple[list[Grant], int]:
    """What waits for a yes, those first that run out first: so many, and how many
    there are in all."""
    rows = Grant.objects.filter(state=GrantState.OFFERED.value)
    by_end = rows.order_by(F("expires_at").asc(nulls_last=True), "id")
    found = list(by_end.select_related(*_SHOWN)[: MOST_OFFERED + 1])
    number = len(found) if len(found) <= MOST_OFFERED else rows.count()
    return found[:MOST_OFFERED], number


def counts(*, staff: User, today: date) -> dict[str, int]:
    """How many stand on each tab, in one query."""
    rows = Grant.objects.filter(state=GrantState.TO_DO.value)
    return rows.aggregate(
        **{tab.value: Count("pk", filter=_on(tab, staff, today)) for tab in Tab}
    )


def chosen(ids: list[int]) -> list[Grant]:
    """These, still to do or done a moment ago, by their day: what is printed."""
    rows = Grant.objects.filter(
        pk__in=ids,
        state__in=[GrantState.TO_DO.value, GrantState.DONE.value],
        reward__fulfilment__in=_BY_HAND,
    )
    return list(
        rows.select_related("customer", "reward", "owner", "message").order_by(
            "due_on", "id"
        )
    )


def colleagues() -> list[User]:
    """Who may do gifts, by name."""
    rows = User.objects.filter(is_active=True).order_by("name", "pk")
    return [user for user in rows if user.can(Capability.GIVE_REWARDS)]


def budgets(*, year: int) -> list[Budget]:
    """By currency: two are never added."""
    rows = (
        Reward.objects.filter(fulfilment__in=_BY_HAND)
        .annotate(paid=Coalesce(Sum("years__spent", filter=Q(years__year=year)), _NONE))
        .exclude(archived_at__isnull=False, paid=0)
        .order_by("currency", "id")
    )
    found: dict[str, Budget] = {}
    for currency, most, paid in rows.values_list("currency", "yearly_budget", "paid"):
        one = found.get(currency, Budget(currency))
        found[currency] = Budget(
            currency,
            one.spent + (_NONE if most is None else paid),
            one.budget + (most or _NONE),
            one.unbounded + (paid if most is None else _NONE),
        )
    return list(found.values())


def _on(tab: Tab, staff: User, today: date) -> Q:
    if tab is Tab.WEEK:
        return Q(due_on__lte=today + AHEAD)
    if tab is Tab.LATE:
        return Q(due_on__lt=today)
    return Q(owner=staff) if tab is Tab.MINE else Q()
