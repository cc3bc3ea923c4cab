"""Who gets a reward of which there are only so many: first come, first served."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class NoShare(StrEnum):
    """Why somebody does not get it; also the reason by which a mail waits."""

    ARCHIVED = "reward_archived"
    OUT_OF_STOCK = "reward_out_of_stock"
    OVER_BUDGET = "reward_over_budget"
    LIMIT = "reward_limit"
    # Another offer of theirs is still good, and this one does not add to it.
    OFFER_ALREADY = "offer_already"
    NO_CODES = "codes_empty"


@dataclass(frozen=True)
class Room:
    """What is there at this moment, under the lock of the reward. None: no bound.

    `held`: customer to how many they have already of the span of its limit.
    `have_offer`: those whose other offer is still good, and who get none beside it.
    """

    left: int | None = None
    budget_left: Decimal | None = None
    cost: Decimal = Decimal(0)
    codes: int | None = None
    limit: int | None = None
    held: Mapping[int, int] = field(default_factory=dict)
    is_archived: bool = False
    have_offer: Collection[int] | None = None


def shares(room: Room, customers: Sequence[int]) -> list[NoShare | None]:
    """For each of these in their order, why not; None: they get it."""
    given = Counter[int]()
    found: list[NoShare | None] = []
    for customer in customers:
        refusal = _refusal(room, customer, given)
        if refusal is None:
            given[customer] += 1
        found.append(refusal)
    return found


def _refusal(room: Room, customer: int, given: Counter[int]) -> NoShare | None:
    before, theirs = given.total(), room.held.get(customer, 0) + given[customer]
    if room.is_archived:
        return NoShare.ARCHIVED
    if room.limit is not None and theirs >= room.limit:
        return NoShare.LIMIT
    alone = room.have_offer
    if alone is not None and (customer in alone or given[customer]):
        return NoShare.OFFER_ALREADY
    if room.left is not None and before >= room.left:
        return NoShare.OUT_OF_STOCK
    if room.budget_left is not None and room.cost * (before + 1) > room.budget_left:
        return NoShare.OVER_BUDGET
    if room.codes is not None and before >= room.codes:
        return NoShare.NO_CODES
    return None
