"""Who takes part, and the memberships that programmes for all make."""

from collections.abc import Collection
from datetime import datetime

from crm import selectors
from crm.models import Customer
from crm.sql.ids import among
from loyalty.choices import WhoTakesPart
from loyalty.errors import NotAMember
from loyalty.models import Membership, Programme
from loyalty.sql import members as sql


def ensure(
    programme: Programme, customers: Collection[int], *, now: datetime
) -> dict[int, int]:
    """By customer the id of their membership, made where there is none. Whether they
    may take part is asked before (`takes_part`). Within a transaction."""
    today = selectors.business().day(now)
    made = sql.add(programme.pk, customers, now=now, today=today)
    there = set(customers) - made.keys()
    if not there:
        return made
    rows = Membership.objects.filter(programme=programme, customer__in=among(there))
    return made | dict(rows.values_list("customer", "pk"))


def takes_part(
    programme: Programme, customers: Collection[int], *, now: datetime
) -> set[int]:
    """Those of these customers who earn in it at this moment."""
    today = selectors.business().day(now)
    may = sql.who_may(programme, customers, today=today)
    rows = Membership.objects.filter(programme=programme, customer__in=may)
    if programme.takes_part == WhoTakesPart.JOINING.value:
        return set(rows.filter(left_at=None).values_list("customer", flat=True))
    return may - set(
        rows.filter(left_at__isnull=False).values_list("customer", flat=True)
    )


def member_of(programme: Programme, customer: Customer, *, now: datetime) -> Membership:
    """Their membership, made where the programme is for them anyway. Raises
    NotAMember."""
    if customer.pk not in takes_part(programme, [customer.pk], now=now):
        raise NotAMember
    pk = ensure(programme, [customer.pk], now=now)[customer.pk]
    return Membership.objects.get(pk=pk)


def home_of(member: Membership) -> Membership:
    """The membership that counts for a person now: of the record that theirs was merged
    into, where it was."""
    kept = member.customer.merged_into_id
    if kept is None:
        return member
    return Membership.objects.get(programme=member.programme_id, customer=kept)
