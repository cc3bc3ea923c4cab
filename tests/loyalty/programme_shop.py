"""Programmes and orders for the tests."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.db.models import Sum

from crm.models import Business
from crm.services import orders as crm_orders
from crm.services.orders import OrderLineInput
from loyalty.choices import EarnEvent, EntryKind, ProgrammeKind, Unit
from loyalty.models import Entry, Lot, Membership
from loyalty.services.programmes import (
    expiring,
    members,
    orders,
    posting,
    programmes,
    rules,
)
from loyalty.services.programmes.posting import Posting
from loyalty.sql import ledger
from tests.factories import CustomerFactory

# When programmes of tests begin.
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(day, hour=12):
    """Noon of a day as "2026-03-01"."""
    return datetime.combine(date.fromisoformat(day), time(hour), UTC)


def open_shop(currency="EUR", assumed=4):
    Business.objects.update(
        time_zone="UTC", currency=currency, assumed_delivery_days=assumed
    )


def programme(rule=None, kind="points", unit="points", start=START, on=True, **values):
    """A programme that is on since `start`: one unit for each whole euro."""
    made = programmes.create(
        kind=ProgrammeKind(kind), unit=Unit(unit),
        values={"name": f"{kind} {unit}", "returns_days": 0, **values}, now=start,
    )  # fmt: skip
    rules.add(
        made,
        event=EarnEvent.ORDER,
        values=rule or {"units": 1, "measure": "money", "per": 1},
        now=start,
    )
    return programmes.switch_on(made, now=start) if on else made


def card(**values):
    """A punch card: a stamp a visit."""
    values = {"rule": {"units": 1, "measure": "visit"}, **values}
    return programme(kind="punch_card", unit="stamps", **values)


def buy(person, *lines, order="A-1", on="2026-03-01", delivered=None, **more):
    """An order of (sku, quantity, price), delivered on the day itself."""
    made, _ = crm_orders.record_order(
        customer=person,
        order_id=order,
        ordered_at=at(on),
        lines=[
            OrderLineInput(sku, Decimal(str(quantity)), Decimal(str(price)), **extra)
            for sku, quantity, price, *rest in lines
            for extra in (rest[0] if rest else {},)
        ],
        delivered_at=None if delivered is False else at(delivered or on, 13),
        now=at(delivered or on, 14),
        **more,
    )
    return made


def bring_back(sale, *lines, order="R-1", on="2026-03-10"):
    """A return that names its order: lines of (sku, quantity, price)."""
    named = {"returns_order": sale.external_id}
    return buy(
        sale.customer,
        *((sku, -quantity, price, named) for sku, quantity, price in lines),
        order=order,
        on=on,
    )


def earn(person, made, units, now, *, available=None, expires=None):
    """So many units, written down at a moment."""
    today = Business.objects.get().day(now)
    pk = members.ensure(made, [person.pk], now=now)[person.pk]
    (entry,) = posting.post(
        [
            Posting(
                membership=pk, kind=EntryKind.EARNED, amount=Decimal(units),
                source_key=f"step:1:{now.isoformat()}-{units}", on=today,
                available_on=available or today, expires_on=expires,
            )
        ],
        today=today, now=now,
    )  # fmt: skip
    return entry


def work(day="2026-12-01"):
    """What the ticks do until nothing is left to do on that day."""
    now = at(day, 15)
    orders.process_pending(now=now)
    expiring.release(now=now)
    expiring.expire(now=now)


def member(person, of=None):
    rows = Membership.objects.filter(customer=person)
    return rows.get(programme=of) if of else rows.get()


def balance(person, of=None):
    """The balance, which is what everything it is made of says."""
    rows = Membership.objects.filter(customer=person)
    row = (rows.filter(programme=of) if of else rows).first()
    if row is None:
        return Decimal(0)
    check()
    return row.balance.normalize() + 0


def check():
    """Whatever was kept is the sum of what it was kept of."""
    assert ledger.wrong_balances() == []


def entries(person):
    rows = Entry.objects.filter(membership__customer=person).order_by("pk")
    return [(row.kind, int(row.amount) if row.amount == int(row.amount) else row.amount)
            for row in rows]  # fmt: skip


def lots(person):
    """What is left, and until when."""
    rows = Lot.objects.filter(membership__customer=person, left__gt=0)
    return [
        (int(row.left), str(row.expires_on) if row.expires_on else None)
        for row in rows.order_by("expires_on", "pk")
    ]


def everything():
    """All entries together."""
    return Entry.objects.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def people(number=2):
    return [CustomerFactory() for _ in range(number)]
