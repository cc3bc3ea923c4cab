"""Some customers, whose orders are looked at together, and what each programme makes of
them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from crm import selectors
from crm.models import Business
from loyalty.choices import WhoTakesPart
from loyalty.models import Membership, Programme, ProgrammePeriod, RuleVersion
from loyalty.rules.programmes.expiry import ExpiryRule
from loyalty.selectors.programmes import rule_of
from loyalty.services.programmes import posting
from loyalty.sql import members as members_sql
from loyalty.sql import order_ledger as ledger_sql
from loyalty.sql import programme_orders as sql
from loyalty.sql.order_ledger import Earned, Paid
from loyalty.sql.programme_orders import Facts, Scope


@dataclass
class People:
    """The memberships of these customers are locked, and those of whoever was merged
    into them. What is read of them here is read once for all `programmes`, each with
    its periods."""

    customers: Sequence[int]
    programmes: Sequence[Programme]
    now: datetime
    locked: Mapping[int, Membership]
    shop: Business
    _facts: dict[tuple[Scope, int], list[Facts]] = field(default_factory=dict)

    @classmethod
    def lock(
        cls, customers: Sequence[int], programmes: Sequence[Programme], now: datetime
    ) -> "People":
        """Their memberships in all programmes at once: ours until the commit, in the
        one order of all who lock them."""
        locked = posting.lock(members_sql.of(customers))
        return cls(customers, programmes, now, locked, selectors.business())

    def parts(self) -> "list[Slice]":
        """Each programme with these people."""
        members: defaultdict[int, dict[int, Membership]] = defaultdict(dict)
        asked = set(self.customers)
        for row in self.locked.values():
            if row.customer_id in asked:
                members[row.programme_id][row.customer_id] = row
        return [Slice(self, one, members[one.pk]) for one in self.programmes]

    @cached_property
    def paid(self) -> list[Paid]:
        """What they paid of orders, in whatever programme."""
        return ledger_sql.paid(self.customers)

    @cached_property
    def earned(self) -> dict[int, list[Earned]]:
        """By programme what their orders have earned so far."""
        found: defaultdict[int, list[Earned]] = defaultdict(list)
        for row in ledger_sql.earned(self.customers):
            found[row.programme].append(row)
        return found

    def facts(self, scope: Scope, assumed: int) -> list[Facts]:
        """Their orders of the days on which any programme was on, and whichever earned
        or was paid before, taken to arrive after so many days."""
        if (scope, assumed) not in self._facts:
            periods = [one for row in self.programmes for one in row.periods.all()]
            pinned = {row.order for rows in self.earned.values() for row in rows}
            pinned |= {row.order for row in self.paid if row.order is not None}
            self._facts[scope, assumed] = sql.facts(
                self.customers,
                scope,
                since=min(one.from_on for one in periods),
                pinned=sorted(pinned),
                assumed=assumed,
                today=self.shop.day(self.now),
            )
        return self._facts[scope, assumed]


@dataclass
class Slice:
    """One programme and these people; `members`: the memberships of the customers
    themselves."""

    people: People
    programme: Programme
    members: dict[int, Membership]
    _may_by: dict[tuple[int | None, int | None], set[int]] = field(default_factory=dict)

    @property
    def customers(self) -> Sequence[int]:
        """Whose orders are looked at."""
        return self.people.customers

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.people.now

    @property
    def shop(self) -> Business:
        """The shop's settings."""
        return self.people.shop

    @cached_property
    def today(self) -> date:
        """The shop's day."""
        return self.shop.day(self.now)

    @cached_property
    def periods(self) -> list[ProgrammePeriod]:
        """When the programme was on."""
        return list(self.programme.periods.all())

    @cached_property
    def runs_out(self) -> ExpiryRule:
        """How what is earned in it runs out."""
        return rule_of(self.programme)

    def was_on(self, on: date, at: datetime) -> bool:
        """Whether the programme was on at a moment of a day of the shop's."""
        return any(
            one.from_on <= on
            and (one.began_at is None or at >= one.began_at)
            and (one.until_on is None or on <= one.until_on)
            and (one.ended_at is None or at < one.ended_at)
            for one in self.periods
        )

    def took_part(self, customer: int, on: date, at: datetime) -> bool:
        """Whether they were a member at a moment of a day of the shop's."""
        member = self.members.get(customer)
        if member is not None:
            if member.left_at is not None and at >= member.left_at:
                return False
            if any(one.lower <= at < one.upper for one in member.absences):
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

    @property
    def earned(self) -> Sequence[Earned]:
        """What their orders have earned in it so far."""
        return self.people.earned.get(self.programme.pk, ())

    @cached_property
    def spent(self) -> list[Paid]:
        """What was spent on their orders in this programme."""
        ours = self.programme.pk
        return [row for row in self.people.paid if row.programme == ours]

    @cached_property
    def paid_by_order(self) -> dict[int, Decimal]:
        """By the id of an order, the money that was paid so, in whatever programme."""
        sums: defaultdict[int, Decimal] = defaultdict(Decimal)
        for row in self.people.paid:
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
        return ledger_sql.booked(self.customers, self.programme.pk)

    def read(self, scope: Scope) -> list[Facts]:
        """Their orders, also of days on which this programme was not on."""
        return self.people.facts(scope, assumed_days(self.programme, self.shop))


def assumed_days(programme: Programme, shop: Business) -> int:
    """After how many days an order is taken to have arrived."""
    own = programme.assumed_delivery_days
    return shop.assumed_delivery_days if own is None else own
