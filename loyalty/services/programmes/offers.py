"""What members may take for what they have, and what staff may add by hand."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from crm.access import Role
from crm.services import audit
from loyalty.models import HandLimit, Programme, ProgrammeReward, Reward
from web.errors import InvalidValue


@transaction.atomic
def offer(
    programme: Programme, reward: Reward, *, price: Decimal | None, now: datetime
) -> None:
    """Members may take this reward for `price` units; None: they may not any more.
    Raises InvalidValue for a price that the unit does not know."""
    locked = Programme.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=programme.pk
    )
    if price is None:
        locked.offers.filter(reward=reward).delete()
    else:
        if price <= 0 or price != round(price, locked.places):
            raise InvalidValue(fields={"price": "not_of_this_unit"})
        ProgrammeReward.objects.update_or_create(
            programme=locked, reward=reward, defaults={"price": price}
        )
    audit.record("programme.offers_changed", f"programme:{locked.pk}", now=now)


def set_limits(programme: Programme, most: Mapping[Role, Decimal] | None) -> set[str]:
    """What each role may add or take by hand from a member in a day; roles that are not
    named may not, and None changes nothing. {"limits"} where any changed. Within a
    transaction that locked the programme; raises InvalidValue."""
    if most is None:
        return set()
    if any(value <= 0 for value in most.values()):
        raise InvalidValue(fields={"limits": "more_than_nothing"})
    rows = programme.hand_limits.values_list("role", "most")
    if dict(rows) == {role.value: value for role, value in most.items()}:
        return set()
    programme.hand_limits.all().delete()
    HandLimit.objects.bulk_create(
        HandLimit(programme=programme, role=role.value, most=value)
        for role, value in most.items()
    )
    return {"limits"}
