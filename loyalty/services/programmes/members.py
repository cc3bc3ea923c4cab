"""Who takes part: join, leave, and the memberships that programmes for all make."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from crm import selectors
from crm.models import Customer
from crm.services import audit
from loyalty.choices import WhoTakesPart
from loyalty.errors import NotAMember
from loyalty.models import Membership, Programme
from loyalty.sql import members as sql


@transaction.atomic
def join(programme: Programme, customer: Customer, *, now: datetime) -> Membership:
    """They take part from now on, under its terms; they did already: nothing. Raises
    NotAMember where the programme is not one to join, or they are gone."""
    person = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    is_open = programme.takes_part == WhoTakesPart.JOINING.value
    if not person.is_live or not is_open or programme.archived_at is not None:
        raise NotAMember
    member, is_new = Membership.objects.get_or_create(
        programme=programme,
        customer=person,
        defaults={"joined_at": now, "active_on": selectors.business().day(now)},
    )
    if not is_new and member.left_at is None:
        return member
    member.joined_at = member.joined_at if is_new else now
    member.left_at = None
    member.save(update_fields=["joined_at", "left_at"])
    audit.record(
        "membership.joined", f"membership:{member.pk}", customer_id=person.pk, now=now
    )
    return member


@transaction.atomic
def leave(member: Membership, *, now: datetime) -> Membership:
    """What they order from now on earns nothing; their balance stays theirs, should
    they come back. Left before: nothing."""
    locked = Membership.objects.select_for_update(no_key=True).get(pk=member.pk)
    if locked.left_at is None:
        locked.left_at = now
        locked.save(update_fields=["left_at"])
        audit.record(
            "membership.left",
            f"membership:{locked.pk}",
            customer_id=locked.customer_id,
            now=now,
        )
    return locked


def ensure(
    programme: Programme, customers: Collection[int], *, now: datetime
) -> dict[int, int]:
    """By customer the id of their membership, made where there is none. Whether they
    may take part is asked before (`takes_part`). Within a transaction."""
    today = selectors.business().day(now)
    sql.add(programme.pk, customers, now=now, today=today)
    rows = Membership.objects.filter(programme=programme, customer__in=set(customers))
    return dict(rows.values_list("customer", "pk"))


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


def begin(programme: Programme, customer: Customer, *, now: datetime) -> Membership:
    """They take part from now on, as somebody at the till asks for. Raises
    NotAMember."""
    if programme.takes_part == WhoTakesPart.JOINING.value:
        return join(programme, customer, now=now)
    return member_of(programme, customer, now=now)


def home_of(member: Membership) -> Membership:
    """The membership that counts for a person now: of the record that theirs was merged
    into, where it was."""
    kept = member.customer.merged_into_id
    if kept is None:
        return member
    return Membership.objects.get(programme=member.programme_id, customer=kept)
