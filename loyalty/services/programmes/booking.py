"""What somebody paid at the till, where the sale does not come in as an order: booked
by the rules of the programme, as an order of that amount would be."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum

from crm import selectors
from crm.models import Order, User
from crm.services import audit
from loyalty.choices import EarnEvent, EntryKind, Measure
from loyalty.errors import NotAMember, ProgrammeOff
from loyalty.models import Entry, EntryNote, Membership, Programme, RuleVersion
from loyalty.rules.programmes import earning, expiry
from loyalty.rules.programmes.earning import OrderFacts
from loyalty.selectors.programmes import is_on, rule_of
from loyalty.services.programmes import manual_entries, members, posting, rules
from loyalty.services.programmes.posting import Posting
from loyalty.services.programmes.programmes import available_from
from loyalty.sql import members as members_sql
from web.errors import InvalidValue
from web.rules import text
from web.source_keys import standing_key

_MOST_KEY = 80
_NOTHING = Decimal(0)


def books_money(programme: Programme) -> bool:
    """Whether money that is paid earns in it."""
    return any(one.measure == Measure.MONEY.value for one in _versions(programme))


@transaction.atomic
def book(
    member: Membership,
    paid: Decimal,
    *,
    reason: str,
    once: str,
    staff: User,
    now: datetime,
) -> list[Entry]:
    """What an order of this much, in the currency of the programme and without
    discounts, earns by its rules: less where a cap of today or this month is reached,
    and pending as long as an order would be. An entry for each rule; the same `once`
    is the same booking, until that is undone; its keys are "till:ONCE:rule:VERSION".
    Raises ProgrammeOff, NotAMember, HandLimitReached, and InvalidValue where it earns
    nothing."""
    locked = posting.lock([member.pk])[member.pk]
    programme, today = locked.programme, selectors.business().day(now)
    said = text.one_line(once, field="once", most=_MOST_KEY)
    undone = locked.entries.exclude(undone_by=None)
    booked = standing_key(
        f"{manual_entries.AT_TILL}{said}",
        is_over=lambda key: undone.filter(
            source_key__startswith=f"{key}:rule:"
        ).exists(),
    )
    key = f"{booked}:rule:"
    there = locked.entries.filter(source_key__startswith=key, undoes=None)
    if found := list(there.order_by("pk")):
        return found
    if not is_on(programme, today):
        raise ProgrammeOff
    if locked.customer_id not in members.takes_part(
        programme, [locked.customer_id], now=now
    ):
        raise NotAMember
    from_day = available_from(programme, today)
    postings = [
        Posting(
            membership=locked.pk,
            kind=EntryKind.EARNED,
            amount=units,
            source_key=f"{key}{version.pk}",
            on=today,
            available_on=from_day,
            expires_on=expiry.last_day(rule_of(programme), from_day),
            rule_version=version.pk,
        )
        for version, units in _earned(locked, paid, now, today)
    ]
    if not postings:
        raise InvalidValue(fields={"paid": "earns_nothing"})
    total = sum((one.amount for one in postings), _NOTHING)
    manual_entries.within_limit(locked, total, staff, today)
    entries = posting.post(postings, today=today, now=now, by=staff)
    EntryNote.objects.bulk_create(EntryNote(entry=one, text=reason) for one in entries)
    for one in entries:
        audit.record(
            "balance.earned",
            f"entry:{one.pk}",
            customer_id=locked.customer_id,
            now=now,
        )
    return entries


def _earned(
    member: Membership, paid: Decimal, now: datetime, today: date
) -> Iterator[tuple[RuleVersion, Decimal]]:
    """What each rule gives for it, above zero."""
    programme = member.programme
    order = OrderFacts(
        id=0, at=now, on=today, currency=programme.currency, goods=paid, kept=paid,
        items=Decimal(1),
    )  # fmt: skip
    for version in _versions(programme):
        if member.customer_id not in members_sql.for_whom(
            version, [member.customer_id], today=today
        ):
            continue
        terms = rules.terms_of(version, programme.places)
        of_day, of_month = _used(member, version, today)
        units = earning.units_of(order, terms)
        units = earning.within_caps(units, terms, of_day, of_month)
        if units:
            yield version, units


def _versions(programme: Programme) -> list[RuleVersion]:
    """Those in force that count money or visits of everything that is bought: what was
    bought is not known here."""
    found = programme.rules.filter(event=EarnEvent.ORDER.value, ended_at=None)
    latest = [rules.latest_of(rule) for rule in found.order_by("pk")]
    return [
        one
        for one in latest
        if one.measure != Measure.ITEM.value and not (one.products or one.categories)
    ]


def _used(
    member: Membership, version: RuleVersion, today: date
) -> tuple[Decimal, Decimal]:
    """What their orders and bookings of today, and of this month, earned by the rule
    so far."""
    first = today.replace(day=1)
    orders = Order.objects.filter(
        customer=member.customer_id, ordered_on__gte=first, ordered_on__lte=today
    )
    on = dict(orders.values_list("pk", "ordered_on"))
    ours = Q(order_id=None, on__gte=first) | Q(order_id__in=list(on))
    rows = member.entries.filter(ours, rule_version__rule=version.rule_id)
    sums = rows.values("order_id", "on").annotate(units=Sum("amount"))
    of_day = of_month = _NOTHING
    for row in sums:
        day = row["on"] if row["order_id"] is None else on[row["order_id"]]
        of_month += row["units"]
        of_day += row["units"] if day == today else _NOTHING
    return of_day, of_month
