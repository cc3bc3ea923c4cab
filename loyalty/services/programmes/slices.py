"""One programme and some customers, whose orders are looked at together."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from crm import selectors
from crm.models import Business
from loyalty.choices import WhoTakesPart
from loyalty.models import Membership, Programme, ProgrammePeriod, RuleVersion
from loyalty.services.programmes import posting
from loyalty.sql import members as members_sql
from loyalty.sql import programme_orders as sql
from loyalty.sql.programme_orders import Facts, Paid, Scope


@dataclass
class Slice:
    """The memberships of these customers are locked, and those of whoever was merged
    into them. `facts`: their orders as far as they were read, by id."""

    programme: Programme
    customers: Sequence[int]
    now: datetime
    shop: Business
    members: dict[int, Membership]
    facts: dict[int, Facts] = field(default_factory=dict)
    _may_by: dict[tuple[int | None, int | None], set[int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        programme: Programme,
        customers: Sequence[int],
        locked: Collection[Membership],
        now: datetime,
    ) -> "Slice":
        """`locked`: see `lock`."""
        asked = set(customers)
        members = {
            row.customer_id: row
            for row in locked
            if row.programme_id == programme.pk and row.customer_id in asked
        }
        return cls(programme, customers, now, selectors.business(), members)

    @property
    def today(self) -> date:
        """The shop's day."""
        return self.shop.day(self.now)

    @cached_property
    def periods(self) -> list[ProgrammePeriod]:
        """When the programme was on."""
        return list(self.programme.periods.all())

    def was_on(self, on: date, at: datetime) -> bool:
        """Whether the programme was on at a moment of a day of the shop's."""
        return any(
            one.from_on <= on
            and (one.until_on is None or on <= one.until_on)
            and (one.ended_at is None or at < one.ended_at)
            for one in self.periods
        )

    def took_part(self, customer: int, on: date, at: datetime) -> bool:
        """Whether they were a member at a moment of a day of the shop's."""
        member = self.members.get(customer)
        if member is not None and member.left_at is not None and at >= member.left_at:
            return False
        if self.programme.takes_part != WhoTakesPart.JOINING.value:
            return True
        return member is not None and on >= self.shop.day(member.joined_at)

    @cached_property
    def may(self) -> set[int]:
        """Who is live, and in its segment."""
        return members_sql.who_may(self.programme, self.customers, today=self.today)

    def may_by(self, version: RuleVersion) -> set[int]:
        """Of them those for whom a version of a rule is."""
        key = version.only_for_id, version.not_for_id
        if key not in self._may_by:
            self._may_by[key] = members_sql.for_whom(
                version, self.may, today=self.today
            )
        return self._may_by[key]

    @cached_property
    def paid(self) -> list[Paid]:
        """What was spent on their orders."""
        return sql.paid(self.customers, self.programme.pk)

    @cached_property
    def paid_by_order(self) -> dict[int, Decimal]:
        """By the id of an order, the money that was paid so."""
        sums: defaultdict[int, Decimal] = defaultdict(Decimal)
        for row in self.paid:
            if row.order is not None:
                sums[row.order] += row.pays
        return dict(sums)

    @cached_property
    def booked(self) -> dict[tuple[int, int], dict[date, Decimal]]:
        """By customer and rule, what was booked at the till by day. Only caps ask."""
        capped = RuleVersion.objects.filter(rule__programme=self.programme).exclude(
            cap_day=None, cap_month=None
        )
        if not capped.exists():
            return {}
        return sql.booked(self.customers, self.programme.pk)

    def read(self, scope: Scope, *, pinned: Collection[int] = ()) -> list[Facts]:
        """Their orders of the days on which the programme was on, and `pinned` ones."""
        found = sql.facts(
            self.customers,
            scope,
            since=min(one.from_on for one in self.periods),
            pinned=sorted(pinned),
            assumed=assumed_days(self.programme, self.shop),
            today=self.today,
        )
        self.facts |= {fact.id: fact for fact in found}
        return found


def lock(customers: Collection[int]) -> Collection[Membership]:
    """The memberships of these customers and of whoever was merged into them, in all
    programmes at once: ours until the commit, in the one order of all who lock them."""
    return posting.lock(members_sql.of(customers)).values()


def assumed_days(programme: Programme, shop: Business) -> int:
    """After how many days an order is taken to have arrived."""
    own = programme.assumed_delivery_days
    return shop.assumed_delivery_days if own is None else own
