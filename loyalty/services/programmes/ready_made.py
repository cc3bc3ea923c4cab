"""Programmes that a shop has in a minute: made whole and switched off, to be looked at
before anybody earns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from crm.access import Role
from crm.models import User
from loyalty.choices import (
    EarnEvent,
    Expiry,
    Fulfilment,
    Measure,
    ProgrammeKind,
    RewardKind,
    Unit,
)
from loyalty.models import Programme, Reward
from loyalty.services import rewards
from loyalty.services.programmes import offers, programmes, rules
from loyalty.services.programmes.wording import Words

FULL_CARD = Decimal(10)
# What each role may add or take by hand from a member in a day, in stamps.
_BY_HAND = {Role.OWNER: 100, Role.MANAGER: 10, Role.AGENT: 4}


@dataclass(frozen=True)
class ReadyMade:
    """What one is made of; `by_hand` multiplies the limits of what staff may add."""

    name: str
    kind: ProgrammeKind
    unit: Unit
    values: Mapping[str, Any]
    rule: Mapping[str, Any]
    by_hand: int = 1


def _card(name: str, measure: Measure) -> ReadyMade:
    return ReadyMade(
        name,
        ProgrammeKind.PUNCH_CARD,
        Unit.STAMPS,
        {"returns_days": 0},
        {"units": Decimal(1), "measure": measure.value},
    )


_POINTS = ReadyMade(
    "points",
    ProgrammeKind.POINTS,
    Unit.POINTS,
    {
        "worth": Decimal("0.01"),
        "expiry": Expiry.YEAR_END.value,
        "expires_after": 1,
    },
    {"units": Decimal(1), "measure": Measure.MONEY.value, "per": Decimal(1)},
    by_hand=50,
)
READY_MADE = {
    one.name: one
    for one in (
        _card("visit_card", Measure.VISIT),
        _card("item_card", Measure.ITEM),
        _POINTS,
    )
}


@transaction.atomic
def make(
    what: ReadyMade,
    *,
    name: str,
    reward_name: str,
    words: Mapping[str, Words] | None = None,
    reward_words: Mapping[str, str] | None = None,
    by: User,
    now: datetime,
) -> Programme:
    """The programme, its rule, its limits by hand, and for a card the reward of a full
    one. `words` and `reward_words`: what members read, by language. Raises
    ProgrammeNameTaken and InvalidValue."""
    made = programmes.create(
        kind=what.kind,
        unit=what.unit,
        values={"name": name, **what.values},
        words=words,
        limits={role: Decimal(most * what.by_hand) for role, most in _BY_HAND.items()},
        by=by,
        now=now,
    )
    rules.add(made, event=EarnEvent.ORDER, values=what.rule, by=by, now=now)
    if what.kind is ProgrammeKind.PUNCH_CARD:
        offers.offer(
            made,
            _reward(reward_name, reward_words or {}, now),
            price=FULL_CARD,
            now=now,
        )
    return made


def _reward(name: str, words: Mapping[str, str], now: datetime) -> Reward:
    """The one of this name, where the shop has it already."""
    there = Reward.objects.filter(name=name, archived_at=None).first()
    return there or rewards.create(
        kind=RewardKind.PRODUCT,
        fulfilment=Fulfilment.CODE,
        values={"name": name, "is_offer": False, "roles": [Role.MANAGER.value]},
        words={code: rewards.Words(called) for code, called in words.items()},
        now=now,
    )
