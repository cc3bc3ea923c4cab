"""Whatever happens to orders and balances, in whatever order: the ledger adds up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import F, Q, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crm.errors import MergedOnSince
from crm.models import Customer, Order
from crm.services import merging
from crm.services import orders as crm_orders
from crm.services.orders import OrderLineInput
from loyalty.choices import SpendState
from loyalty.errors import BalanceTooLow, SpendingOver
from loyalty.models import Entry, Membership, Spending
from loyalty.services.programmes import expiring, orders, spending
from loyalty.services.programmes.spending import Wanted
from tests.factories import CustomerFactory
from tests.faults.mails import LONG
from tests.loyalty.programme_shop import check, open_shop, programme

PEOPLE, ORDERS = 4, 4
persons = st.integers(0, PEOPLE - 1)
numbers = st.integers(0, ORDERS - 1)


class Shop(RuleBasedStateMachine):
    """Four people, four orders and one programme; each example is undone."""

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.keys = 0
        self.lines = {}
        self.recorded = {}
        self.merges = []

    def teardown(self):
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize(returns_days=st.sampled_from([0, 3]),
                expires_after=st.sampled_from([None, 2, 10]))  # fmt: skip
    def open(self, returns_days, expires_after):
        open_shop(assumed=1)
        ways = {"expiry": "days", "expires_after": expires_after}
        self.programme = programme(
            returns_days=returns_days, worth=Decimal("0.5"),
            **(ways if expires_after else {}),
        )  # fmt: skip
        self.people = [CustomerFactory() for _ in range(PEOPLE)]

    def live(self, person):
        found = Customer.objects.get(pk=self.people[person].pk)
        return found.merged_into or found

    def member(self, person):
        rows = Membership.objects.filter(customer=self.live(person))
        return rows.first()

    def record(self, person, number, lines, **more):
        named = "O-" if not more.pop("is_return", False) else "R-"
        values = {"ordered_at": self.now - timedelta(hours=1), "lines": lines, **more}
        key = f"{named}{number}"
        self.recorded[key] = values
        crm_orders.record_order(
            customer=self.live(person), order_id=key, now=self.now, **values
        )

    @precondition(lambda self: len(self.recorded) > 1)
    @rule(order=st.randoms(use_true_random=False))
    def import_again(self, order):
        """All that there is, in whatever order, one of it twice: it earns nothing."""
        self.work()
        before = Entry.objects.count()
        keys = list(self.recorded)
        order.shuffle(keys)
        for key in [*keys, keys[0]]:
            crm_orders.record_order(
                customer=Order.objects.get(external_id=key).customer,
                order_id=key, now=self.now, **self.recorded[key],
            )  # fmt: skip
        orders.process_pending(now=self.now)
        assert Entry.objects.count() == before

    @rule(person=persons, number=numbers, quantity=st.integers(1, 4),
          price=st.integers(1, 9), is_delivered=st.booleans())  # fmt: skip
    def buy(self, person, number, quantity, price, is_delivered):
        """Also an order that is recorded again, for somebody else or otherwise."""
        self.lines[number] = person
        self.record(
            person, number, [OrderLineInput("TEA", Decimal(quantity), Decimal(price))],
            delivered_at=self.now if is_delivered else None,
        )  # fmt: skip

    @rule(number=numbers)
    def cancel(self, number):
        found = Order.objects.filter(external_id=f"O-{number}").first()
        if found:
            self.record(
                self.lines[number], number,
                [OrderLineInput("TEA", Decimal(1), Decimal(5))], status="cancelled",
            )  # fmt: skip

    @rule(person=persons, number=numbers, quantity=st.integers(1, 3),
          is_named=st.booleans())  # fmt: skip
    def bring_back(self, person, number, quantity, is_named):
        """Also without an order, or twice."""
        line = OrderLineInput(
            "TEA", Decimal(-quantity), Decimal(5),
            returns_order=f"O-{number}" if is_named else "",
        )  # fmt: skip
        self.record(person, number, [line], is_return=True)

    @rule(person=persons, amount=st.integers(1, 30), is_kept=st.booleans(),
          number=st.none() | numbers)  # fmt: skip
    def spend(self, person, amount, is_kept, number):
        member = self.member(person)
        if member is None:
            return
        self.keys += 1
        order = "" if number is None else f"O-{number}"
        wanted = Wanted(amount=Decimal(amount), key=f"k{self.keys}", order=order)
        there = self.spendable(member)
        act = spending.reserve if is_kept else spending.spend
        if there >= amount:
            act(member, wanted, now=self.now)
            return
        with pytest.raises(BalanceTooLow) as refused:
            act(member, wanted, now=self.now)
        assert refused.value.spendable == there

    def spendable(self, member):
        """Added up from the ledger: what came in and may be used, less what took it."""
        today = self.now.date()
        rows = Entry.objects.filter(
            Q(lot__expires_on=None) | Q(lot__expires_on__gte=today),
            membership=member, amount__gt=0, lot__available_on__lte=today,
        ).annotate(taken=Sum("went_to__amount", default=Decimal(0)))  # fmt: skip
        return sum((row.amount - row.taken for row in rows), Decimal(0))

    @precondition(lambda self: self.keys)
    @rule(key=st.integers(1, 12), is_off=st.booleans())
    def decide(self, key, is_off):
        found = Spending.objects.filter(key=f"k{key}").first()
        if found is None:
            return
        try:
            act = spending.release if is_off else spending.commit
            act(found.membership, found.key, now=self.now)
        except SpendingOver:
            assert Spending.objects.get(pk=found.pk).state == SpendState.RELEASED

    @rule(kept=persons, dropped=persons)
    def merge(self, kept, dropped):
        ours, theirs = self.live(kept), self.live(dropped)
        if ours != theirs:
            self.merges.append(merging.merge(ours, theirs, now=self.now))

    @precondition(lambda self: self.merges)
    @rule(nth=st.integers(0, PEOPLE - 2))
    def part(self, nth):
        """Whichever of the merges: of a chain the last one goes first."""
        row = self.merges[nth % len(self.merges)]
        if Customer.objects.get(pk=row.kept_id).merged_into_id is not None:
            with pytest.raises(MergedOnSince):
                merging.undo(row, now=self.now)
            return
        merging.undo(row, now=self.now)
        self.merges.remove(row)

    @rule(days=st.integers(0, 5))
    def time_passes(self, days):
        self.now += timedelta(days=days, hours=1)

    @rule()
    def work(self):
        orders.process_pending(now=self.now)
        expiring.release(now=self.now)
        expiring.expire(now=self.now)
        before = Entry.objects.count()
        orders.mark([person.pk for person in self.people], now=self.now)
        orders.process_pending(now=self.now)
        assert Entry.objects.count() == before

    @invariant()
    def all_adds_up(self):
        check()
        # Nothing that is earned runs out before it can be spent.
        over = Entry.objects.filter(kind="earned", expires_on__lt=F("available_on"))
        assert not over.exists()

    @rule(is_apart=st.booleans())
    def take_everything_back(self, is_apart):
        """No order is left and nothing is spent: nobody has or owes anything."""
        while is_apart and self.merges:
            self.part(len(self.merges) - 1)
        for spent in Spending.objects.exclude(state="released"):
            spending.release(spent.membership, spent.key, now=self.now)
        for number in self.lines:
            self.cancel(number)
        for returned in Order.objects.filter(nature="return"):
            returned.lines.all().delete()
            # Imported again, it would bring back what is gone.
            self.recorded.pop(returned.external_id, None)
        self.work()

        rows = Membership.objects.exclude(balance=0).values_list("pk", "balance")
        assert list(rows) == []


@pytest.mark.django_db
def test_any_sequence_adds_up():
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=6, stateful_step_count=14, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.django_db
def test_many_long_sequences_add_up():
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=80 if LONG else 20, stateful_step_count=40, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
