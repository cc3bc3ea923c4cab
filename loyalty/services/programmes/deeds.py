"""What is earned without an order: signing up, first steps, occasions, reviews, and by
hand."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum

from crm import selectors
from crm.models import Customer, User
from crm.services import audit
from loyalty.choices import EarnEvent, EntryKind, Measure
from loyalty.errors import HandLimitReached, ProgrammeOff
from loyalty.models import Entry, EntryNote, Membership, Programme, Rule, RuleVersion
from loyalty.rules.programmes import earning, expiry
from loyalty.rules.programmes.earning import OrderFacts, Terms
from loyalty.selectors.programmes import is_on, rule_of
from loyalty.services.programmes import members, posting, rules
from loyalty.services.programmes.posting import Posting
from web.errors import InvalidValue
from web.rules import text

MOST_NOTE = 300
_MOST_KEY = 120


@transaction.atomic
def tick(rule: Rule, customer: Customer, *, once: str = "", now: datetime) -> Entry:
    """Somebody did what a rule rewards: once, or once for each `once` ("2026" of an
    occasion, the id of a review). Done before: the same entry. It can be spent at once.
    Raises NotAMember, and ProgrammeOff where the programme or its rule is off."""
    programme = rule.programme
    if rule.event == EarnEvent.ORDER.value:
        raise InvalidValue(fields={"rule": "unknown"})
    key = text.one_line(once, field="once", most=_MOST_KEY)
    source_key = f"{rule.event}:{rule.pk}:{key}".rstrip(":")
    there = _there(rule, customer, source_key)
    if there is not None:
        return there
    if rule.ended_at is not None or not is_on(programme):
        raise ProgrammeOff
    member = members.member_of(programme, customer, now=now)
    version = rule.versions.order_by("-number")[0]
    today = selectors.business().day(now)
    (entry,) = posting.post(
        [
            Posting(
                membership=member.pk,
                kind=EntryKind.EARNED,
                amount=_amount(version, programme.places),
                source_key=source_key,
                on=today,
                available_on=today,
                expires_on=expiry.last_day(rule_of(programme), today),
                rule_version=version.pk,
            )
        ],
        today=today,
        now=now,
    )
    _record("earned", entry, member, now)
    return entry


@transaction.atomic
def tick_all(
    event: EarnEvent,
    customers: Collection[int],
    *,
    key: str = "",
    once: str = "",
    now: datetime,
) -> int:
    """All rules of programmes that are on and reward this, for those of these customers
    who take part; how many entries there are of it."""
    count = 0
    asked = Rule.objects.filter(
        event=event.value, ended_at=None, programme__periods__until_on=None,
        programme__periods__isnull=False, programme__archived_at=None,
    )  # fmt: skip
    if key:
        asked = asked.filter(key=key)
    for rule in asked.select_related("programme").order_by("pk"):
        theirs = members.takes_part(rule.programme, customers, now=now)
        for customer in Customer.objects.filter(pk__in=theirs).order_by("pk"):
            tick(rule, customer, once=once, now=now)
            count += 1
    return count


@transaction.atomic
def adjust(
    member: Membership,
    amount: Decimal,
    *,
    reason: str,
    once: str,
    staff: User,
    now: datetime,
) -> Entry:
    """A colleague adds or takes units, with a reason in words; the same `once` is the
    same entry. Taken is what can be spent at most. Raises HandLimitReached beyond what
    their role may move from one member in a day, BalanceTooLow and InvalidValue."""
    clean = text.one_line(reason, field="reason", most=MOST_NOTE)
    if not clean:
        raise InvalidValue(fields={"reason": "required"})
    locked = posting.lock([member.pk])[member.pk]
    programme, today = locked.programme, selectors.business().day(now)
    if not amount or amount != round(amount, programme.places):
        raise InvalidValue(fields={"amount": "number_out_of_range"})
    source_key = f"hand:{text.one_line(once, field='once', most=_MOST_KEY)}"
    there = locked.entries.filter(source_key=source_key).first()
    if there is not None:
        return there
    _within_limit(locked, amount, staff, today)
    posting.must_have(locked, -amount, today=today)
    (entry,) = posting.post(
        [
            Posting(
                membership=locked.pk,
                kind=EntryKind.ADJUSTED,
                amount=amount,
                source_key=source_key,
                on=today,
                available_on=today if amount > 0 else None,
                expires_on=expiry.last_day(rule_of(programme), today)
                if amount > 0
                else None,
            )
        ],
        today=today,
        now=now,
        by=staff,
    )
    EntryNote.objects.create(entry=entry, text=clean)
    _record("adjusted", entry, locked, now)
    return entry


def books_money(programme: Programme) -> bool:
    """Whether money that is paid earns in it."""
    return bool(_money_rules(programme))


def book(
    member: Membership,
    paid: Decimal,
    *,
    reason: str,
    once: str,
    staff: User,
    now: datetime,
) -> Entry:
    """What an order of this much, in the currency of the programme and without
    discounts, earns: added by hand, as `adjust`. Raises as it does, and InvalidValue
    where that is nothing."""
    programme = member.programme
    today = selectors.business().day(now)
    order = OrderFacts(
        id=0, at=now, on=today, currency=programme.currency, goods=paid, kept=paid,
        items=Decimal(1),
    )  # fmt: skip
    units = sum(
        (earning.units_of(order, terms) for terms in _money_rules(programme)),
        Decimal(0),
    )
    if not units:
        raise InvalidValue(fields={"paid": "earns_nothing"})
    return adjust(member, units, reason=reason, once=once, staff=staff, now=now)


def _money_rules(programme: Programme) -> list[Terms]:
    """Those of its rules in force that count money of everything that is bought."""
    found = programme.rules.filter(event=EarnEvent.ORDER.value, ended_at=None)
    latest = [rule.versions.order_by("-number")[0] for rule in found.order_by("pk")]
    return [
        rules.terms_of(version, programme.places)
        for version in latest
        if version.measure == Measure.MONEY.value
        and not (version.products or version.categories)
    ]


@transaction.atomic
def undo(entry: Entry, *, reason: str, staff: User, now: datetime) -> Entry:
    """What was added by hand was a mistake: taken again, whatever the limit of the
    role; undone before: the same entry. Raises BalanceTooLow where it was spent."""
    locked = posting.lock([entry.membership_id])[entry.membership_id]
    there = entry.undone_by.first()
    if there is not None:
        return there
    today = selectors.business().day(now)
    posting.must_have(locked, entry.amount, today=today)
    (made,) = posting.post(
        [
            Posting(
                membership=locked.pk,
                kind=EntryKind.ADJUSTED,
                amount=-entry.amount,
                source_key=f"{entry.source_key}:undone",
                on=today,
                undoes=entry.pk,
                from_lot=entry.pk,
            )
        ],
        today=today,
        now=now,
        by=staff,
    )
    EntryNote.objects.create(entry=made, text=reason)
    _record("adjusted", made, locked, now)
    return made


def _there(rule: Rule, customer: Customer, source_key: str) -> Entry | None:
    """Also of a record that was merged into theirs."""
    ours = Q(membership__customer=customer) | Q(
        membership__customer__merged_into=customer
    )
    rows = Entry.objects.filter(ours, membership__programme=rule.programme)
    return rows.filter(source_key=source_key).first()


def _amount(version: RuleVersion, places: int) -> Decimal:
    return round(version.units, places)


def _within_limit(
    member: Membership, amount: Decimal, staff: User, today: date
) -> None:
    limit = member.programme.hand_limits.filter(role=staff.role).first()
    if limit is None:
        raise HandLimitReached
    # What was undone moved nothing.
    theirs = member.entries.filter(
        kind=EntryKind.ADJUSTED.value, by__role=staff.role, on=today,
        undoes=None, undone_by=None,
    )  # fmt: skip
    sums = theirs.aggregate(
        added=Sum("amount", filter=Q(amount__gt=0)),
        taken=Sum("amount", filter=Q(amount__lt=0)),
    )
    moved = (sums["added"] or Decimal(0)) - (sums["taken"] or Decimal(0))
    if moved + abs(amount) > limit.most:
        raise HandLimitReached


def _record(what: str, entry: Entry, member: Membership, now: datetime) -> None:
    audit.record(
        f"balance.{what}", f"entry:{entry.pk}", customer_id=member.customer_id, now=now
    )
