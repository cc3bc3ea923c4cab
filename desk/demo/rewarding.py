"""What the shop thanks people with for coming back: points, and a card for coffee."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from crm.models import User
from loyalty.choices import Fulfilment, RewardKind
from loyalty.models import Membership, Programme
from loyalty.services import rewards
from loyalty.services.programmes import offers, orders, programmes, ready_made, spending
from loyalty.services.programmes.ready_made import READY_MADE

# Orders of the last year count when a programme starts.
_CREDITED = timedelta(days=365)
_PRICE = Decimal(500)


def reward(staff: Sequence[User], *, now: datetime) -> None:
    """Two programmes that started today, and some who took what their points bring."""
    owner, _, agent = staff
    points = _started(
        ready_made.make(
            READY_MADE["points"], name="Leaf points", reward_name="", by=owner, now=now
        ),
        now,
    )
    card = READY_MADE["item_card"]
    coffee = replace(card, rule={**card.rule, "categories": ["Coffee"]})
    _started(
        ready_made.make(
            coffee, name="Coffee card", reward_name="A bag of coffee", by=owner, now=now
        ),
        now,
    )
    voucher = rewards.create(
        kind=RewardKind.DISCOUNT,
        fulfilment=Fulfilment.CODE,
        values={
            "name": "Five pounds off",
            "amount": Decimal(5),
            "is_offer": True,
            "cost": Decimal(5),
            "life_days": 90,
            "roles": ["owner", "manager", "agent"],
        },
        words={},
        now=now,
    )
    offers.offer(points, voucher, price=_PRICE, now=now)
    orders.process_pending(now=now)
    offer = points.offers.get()
    rich = Membership.objects.filter(programme=points, balance__gte=_PRICE + 50)
    for member in rich.order_by("customer__external_id")[:3]:
        spending.take_reward(
            member, offer, key=f"demo-{member.pk}", user=agent, now=now
        )


def _started(programme: Programme, now: datetime) -> Programme:
    since = (now - _CREDITED).date()
    return programmes.switch_on(programme, since=since, now=now)
