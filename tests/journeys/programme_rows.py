"""A punch card that is on, with a member who has stamps and took a reward."""

from datetime import datetime
from decimal import Decimal

from crm.models import Customer, User
from loyalty.services.programmes import (
    manual_entries,
    members,
    programmes,
    ready_made,
    spending,
)


def card_of(customer: Customer, staff: User, *, now: datetime) -> dict[str, int]:
    """Twelve stamps given at the till, ten of them spent on the reward."""
    made = ready_made.make(
        ready_made.READY_MADE["visit_card"],
        name="The tenth visit",
        reward_name="A full card",
        by=staff,
        now=now,
    )
    programmes.switch_on(made, now=now)
    member = members.member_of(made, customer, now=now)
    entry = manual_entries.adjust(
        member, Decimal(12), reason="From the paper card", once="till:1", staff=staff,
        now=now,
    )  # fmt: skip
    spent = spending.take_reward(
        member, made.offers.get(), key="till:1", user=staff, now=now
    )
    return {
        "programme": made.pk,
        "earning_rule": made.rules.get().pk,
        "membership": member.pk,
        "entry": entry.pk,
        "spending": spent.pk,
    }
