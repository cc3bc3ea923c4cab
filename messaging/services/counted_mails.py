"""Mails that count against the contact limits, and for one mail of a kind a day.

One query for all people of a claimed group.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from messaging.models import BudgetRule, Message
from messaging.rules.budget import Counted, Rule
from messaging.rules.choices import COUNTED, Category
from messaging.rules.send_decision import SAME_ADDRESS_FOR
from messaging.services import person_addresses
from messaging.services.person_addresses import Addresses


def budget_rules() -> list[Rule]:
    """The contact limits as the rules read them."""
    return [
        Rule(
            id=row.pk,
            categories=frozenset(Category(name) for name in row.categories),
            max_count=row.max_count,
            window_days=row.window_days,
            counts_reminders=row.counts_reminders,
        )
        for row in BudgetRule.objects.all()
    ]


@dataclass(frozen=True)
class CountedMail:
    """A message that counts against the limits, and whose it is."""

    message: int
    customer: int
    kind: str
    counted: Counted


@dataclass
class CountedMails:
    """By customer and by address: a mail may count by both."""

    by_customer: dict[int, list[CountedMail]] = field(
        default_factory=lambda: defaultdict(list)
    )
    by_address: dict[bytes, list[CountedMail]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def against(self, message: Message, known: Addresses) -> list[CountedMail]:
        """What counts against this message, without itself."""
        found = {
            one.message: one
            for customer in (message.person_id, *known.others)
            for one in self.by_customer.get(customer, [])
        }
        for address in known.hashes:
            found |= {one.message: one for one in self.by_address.get(address, [])}
        found.pop(message.pk, None)
        return list(found.values())


def of_people(
    addresses: Mapping[int, Addresses],
    limits: Sequence[Rule],
    *,
    now: datetime,
    as_of: datetime | None,
) -> CountedMails:
    """What counts against these people, by their customer ids, and their addresses.

    `limits` say how far back to look; `as_of` leaves out what was counted later.
    """
    longest = max([SAME_ADDRESS_FOR, *(rule.window for rule in limits)])
    spent = CountedMails()
    people = person_addresses.all_people(addresses)
    hashes = person_addresses.all_hashes(addresses.values())
    rows = _against(people, hashes, now - longest, as_of)
    for pk, customer, address, kind, category, at, is_reminder in rows:
        counted = Counted(Category(category), at, is_reminder)
        one = CountedMail(pk, customer, kind, counted)
        spent.by_customer[customer].append(one)
        if address:
            spent.by_address[bytes(address)].append(one)
    return spent


def _against(
    customers: Collection[int],
    hashes: Collection[bytes],
    since: datetime,
    as_of: datetime | None,
) -> Iterable[tuple[Any, ...]]:
    """What counts of these customers and of every record with these addresses; two
    queries in one, so that each takes its own index."""
    # The states as in the condition of both indexes: else they are not used.
    counted = Message.objects.filter(
        state__in=sorted(state.value for state in COUNTED), counted_at__gt=since
    )
    if as_of is not None:
        counted = counted.filter(counted_at__lte=as_of)
    columns = (
        *("id", "customer_id", "address_hash"),
        *("kind", "category", "counted_at", "is_reminder"),
    )
    own = counted.filter(customer_id__any_of=customers).values_list(*columns)
    beside = counted.filter(
        address_hash__any_of=[one for one in hashes if one], customer_id__isnull=False
    ).values_list(*columns)
    return own.union(beside)
