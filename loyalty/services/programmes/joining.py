"""Join a programme and leave it, under its terms."""

from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from crm import selectors
from crm.models import Customer
from crm.services import audit
from loyalty.choices import WhoTakesPart
from loyalty.errors import NotAMember
from loyalty.models import Membership, Programme
from loyalty.services.programmes import members, orders


@transaction.atomic
def join(programme: Programme, customer: Customer, *, now: datetime) -> Membership:
    """They take part from now on, and have at once what that earns; they did already:
    nothing. Anyone who comes back keeps what they have, and what they ordered before
    they left earns once it arrives; what they ordered in between does not. Raises
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
    if member.left_at is not None:
        member.absences.append(_absence(member.left_at, now))
        member.left_at = None
        member.save(update_fields=["absences", "left_at"])
    audit.record(
        "membership.joined", f"membership:{member.pk}", customer_id=person.pk, now=now
    )
    orders.work_out([person.pk], now=now)
    member.refresh_from_db()
    return member


def _absence(left_at: datetime, now: datetime) -> DateTimeTZRange:
    """The day of coming back counts whole, as that of joining does, unless they left on
    it."""
    shop = selectors.business()
    morning = shop.begins(shop.day(now))
    return DateTimeTZRange(left_at, morning if morning > left_at else now)


@transaction.atomic
def leave(member: Membership, *, now: datetime) -> Membership:
    """What they order from now on earns nothing, and what they ordered before still
    does once it arrives; their balance stays theirs, should they come back. Left
    before: nothing."""
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


def begin(programme: Programme, customer: Customer, *, now: datetime) -> Membership:
    """They take part from now on, as somebody at the till asks for. Raises
    NotAMember."""
    if programme.takes_part == WhoTakesPart.JOINING.value:
        return join(programme, customer, now=now)
    return members.member_of(programme, customer, now=now)
