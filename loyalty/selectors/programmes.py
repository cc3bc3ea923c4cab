"""What members have, and how they got it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum

from crm.models import Customer
from loyalty.choices import Expiry, SpendState, WhoTakesPart
from loyalty.models import (
    Entry,
    Lot,
    Membership,
    Programme,
    ProgrammeReward,
    Spending,
)
from loyalty.rules.programmes import expiry, lots
from loyalty.rules.programmes.expiry import ExpiryRule
from loyalty.rules.programmes.lots import OpenLot
from loyalty.sql.ledger import open_lots
from web.rules import money
from web.source_keys import standing_key


@dataclass(frozen=True)
class Expiring:
    """So much runs out after this day."""

    on: date
    units: Decimal


@dataclass(frozen=True)
class Standing:
    """What a member has on a day, in units: in all, what can be spent, what is pending
    and from when, what is owed, and what runs out when, the soonest first. `worth`:
    what can be spent in money, where a unit pays in orders."""

    balance: Decimal
    spendable: Decimal
    pending: Decimal
    pending_until: date | None
    owed: Decimal
    expiring: Sequence[Expiring]
    worth: Decimal | None
    currency: str


def standing(member: Membership, *, today: date) -> Standing:
    """One query, and another where the programme was not read with the member."""
    return standings_of([member], today=today)[member.pk]


def standings_of(
    members: Collection[Membership], *, today: date
) -> dict[int, Standing]:
    """By membership; one query for all, whose programmes were read with them."""
    parts = open_lots({row.pk for row in members})
    return {row.pk: _standing(row, parts[row.pk], today) for row in members}


def standings(
    customers: Collection[int], *, today: date
) -> dict[int, list[tuple[Membership, Standing]]]:
    """By customer what each has in the programmes that they have not left, by name of
    the programme, with what customers read of it; three queries for all."""
    rows = Membership.objects.filter(customer__in=set(customers), left_at=None)
    rows = rows.select_related("programme").prefetch_related("programme__words")
    members = list(rows.order_by("programme__name", "programme"))
    now = standings_of(members, today=today)
    found: defaultdict[int, list[tuple[Membership, Standing]]] = defaultdict(list)
    for member in members:
        found[member.customer_id].append((member, now[member.pk]))
    return dict(found)


def _standing(member: Membership, rows: Sequence[OpenLot], today: date) -> Standing:
    programme = member.programme
    spendable = lots.spendable(rows, today)
    worth = None
    if programme.worth is not None:
        worth = money.round_money(spendable * programme.worth, programme.currency)
    return Standing(
        balance=member.balance,
        spendable=spendable,
        pending=lots.pending(rows, today),
        pending_until=min(
            (row.available_on for row in rows if row.available_on > today),
            default=None,
        ),
        owed=member.owed,
        expiring=_expiring(programme, member, rows, today),
        worth=worth,
        currency=programme.currency,
    )


def _expiring(
    programme: Programme,
    member: Membership,
    rows: Sequence[OpenLot],
    today: date,
) -> list[Expiring]:
    silent = expiry.inactive_after(rule_of(programme), member.active_on)
    sums: dict[date, Decimal] = {}
    for row in rows:
        day = silent if silent is not None else row.expires_on
        if day is not None and day >= today:
            sums[day] = sums.get(day, Decimal(0)) + row.left
    return [Expiring(day, sums[day]) for day in sorted(sums)]


def next_expiries(
    programme: Programme, rows: Sequence[Membership], *, today: date
) -> dict[int, Expiring]:
    """By membership what runs out next, of those of whom something does. One query."""
    rule = rule_of(programme)
    active_on = {row.pk: row.active_on for row in rows}
    found: dict[int, Expiring] = {}
    parts = Lot.objects.filter(membership__in=active_on, left__gt=0)
    sums = parts.values_list("membership", "expires_on").annotate(units=Sum("left"))
    for pk, last, units in sums.order_by("membership", "expires_on"):
        silent = expiry.inactive_after(rule, active_on[pk])
        day = silent if silent is not None else last
        if day is None or day < today:
            continue
        if pk not in found:
            found[pk] = Expiring(day, units)
        elif found[pk].on == day:
            found[pk] = Expiring(day, found[pk].units + units)
    return found


def rule_of(programme: Programme) -> ExpiryRule:
    """How what is earned in it runs out."""
    return ExpiryRule(
        Expiry(programme.expiry), programme.expires_after, programme.expiry_since
    )


def is_on(programme: Programme, today: date) -> bool:
    """Whether orders of today earn."""
    return programme.periods.filter(until_on=None, from_on__lte=today).exists()


def begins_on(programme: Programme, today: date) -> date | None:
    """The day ahead from which orders earn; None where there is none."""
    rows = programme.periods.filter(until_on=None, from_on__gt=today)
    return rows.values_list("from_on", flat=True).first()


def ledger(
    member: Membership, *, before: int | None = None, most: int = 50
) -> list[Entry]:
    """The entries of a member, the newest first; `before`: the id of the last one of
    the page before."""
    rows = member.entries.select_related("note", "by", "rule_version__rule")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:most])


def spendings(member: Membership) -> QuerySet[Spending]:
    """Those of the record that theirs was merged into, where it was, and of all that
    were merged into it."""
    customer = member.customer.merged_into_id or member.customer_id
    ours = Q(membership__customer=customer) | Q(
        membership__customer__merged_into=customer
    )
    rows = Spending.objects.filter(ours, membership__programme=member.programme_id)
    return rows.select_related("entry", "membership").order_by("-membership", "pk")


def spending_key(member: Membership, key: str) -> str:
    """The key of what a page spends, or its next one where that was given back."""

    def is_over(one: str) -> bool:
        found = spendings(member).filter(key=one).first()
        return found is not None and found.state == SpendState.RELEASED.value

    return standing_key(key, is_over=is_over)


def offers(programme: Programme, *, spendable: Decimal) -> list[ProgrammeReward]:
    """Rewards that members may take for what they can spend, the dearest first."""
    rows = programme.offers.filter(price__lte=spendable, reward__archived_at=None)
    return list(rows.select_related("reward").order_by("-price", "pk"))


def memberships(customer: int) -> QuerySet[Membership]:
    """What a person takes part in, or left and still has something in, with its
    programme."""
    rows = Membership.objects.filter(customer=customer)
    rows = rows.filter(Q(left_at=None) | ~Q(balance=0))
    rows = rows.select_related("programme").prefetch_related("programme__words")
    return rows.order_by("programme__name", "pk")


def to_begin(customer: Customer) -> QuerySet[Programme]:
    """Programmes that are on, for everybody or to join, and that they never took part
    in."""
    theirs = Membership.objects.filter(customer=customer).values("programme")
    return (
        Programme.objects.filter(
            takes_part__in=[WhoTakesPart.ALL.value, WhoTakesPart.JOINING.value],
            archived_at=None,
            periods__until_on=None,
            periods__isnull=False,
        )
        .exclude(pk__in=theirs)
        .distinct()
    )


def members(
    programme: Programme, *, after: tuple[Decimal, int] | None = None, most: int = 50
) -> list[Membership]:
    """The members of a programme, the highest balance first, without merged and erased
    records; `after`: balance and id of the last one of the page before."""
    rows = Membership.objects.filter(
        programme=programme,
        customer__merged_into=None,
        customer__erased_at=None,
    )
    if after is not None:
        balance, pk = after
        rows = rows.filter(Q(balance__lt=balance) | Q(balance=balance, pk__gt=pk))
    return list(
        rows.select_related("customer").order_by(F("balance").desc(), "pk")[:most]
    )
