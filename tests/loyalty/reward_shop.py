"""Rewards, grants and codes for the tests."""

from datetime import UTC, datetime
from decimal import Decimal

from crm.models import Business
from loyalty.choices import Fulfilment, GrantSource, RedeemedBy, RewardKind
from loyalty.models import Grant, Reward, RewardYear
from loyalty.services import grants, rewards
from loyalty.services.code_orders import Use
from loyalty.services.grants import Wish
from tests.factories import CustomerFactory

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def open_shop(zone="UTC"):
    Business.objects.update(time_zone=zone, currency="EUR", quiet_from=0, quiet_until=0)


def make(name="Ten off", kind="discount", fulfilment="code", words=None, **values):
    if kind == "discount" and not {"percent", "amount"} & values.keys():
        values["percent"] = Decimal(10)
    if kind == "discount":
        values["is_offer"] = True
    return rewards.create(
        kind=RewardKind(kind), fulfilment=Fulfilment(fulfilment), words=words or {},
        values={"name": name, "cost": Decimal(2), "roles": ["owner"], **values},
        products=(), now=NOW,
    )  # fmt: skip


def give(reward, *people, key="anniversary:2026:1", now=NOW):
    people = people or (CustomerFactory(),)
    wishes = [Wish(person.pk, key) for person in people]
    return grants.give(reward.pk, wishes, source=GrantSource.PROGRAMME, now=now)


def code_for(reward, person=None, now=NOW, key="anniversary:2026:1"):
    """The text of a fresh code."""
    (grant,) = give(reward, person or CustomerFactory(), key=key, now=now)
    return grant.code.text


def use(order="R-1", **more):
    return Use(order_key=order, **{"via": RedeemedBy.API, **more})


def standing(reward, year=2026):
    """(taken, given, spent) as counted, which is what the grants add up to."""
    row = Reward.objects.get(pk=reward.pk)
    kept = RewardYear.objects.filter(reward=reward, year=year).first()
    counted = row.taken, kept.given if kept else 0, kept.spent if kept else Decimal(0)
    held = Grant.objects.filter(
        reward=reward, state__in=["offered", "code_issued", "to_do", "done"]
    )
    costs = list(held.values_list("cost", flat=True))
    assert counted == (len(costs), len(costs), sum(costs, Decimal(0)))
    return counted
