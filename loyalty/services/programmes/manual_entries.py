"""What is earned without an order: signing up, first steps, occasions, reviews, and by
hand."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum

from crm import selectors
from crm.models import Customer, User
from crm.services import audit
from loyalty.choices import EarnEvent, EntryKind
from loyalty.errors import HandLimitReached, NotAMember, ProgrammeOff
from loyalty.models import Entry, EntryNote, Membership, Rule, RuleVersion
from loyalty.rules.programmes import expiry
from loyalty.selectors.programmes import is_on, rule_of
from loyalty.services.programmes import members, posting, rules
from loyalty.services.programmes.posting import Posting
from loyalty.sql import members as members_sql
from web.busy import told_when_busy
from web.errors import InvalidValue
from web.rules import text
from web.source_keys import standing_key

MOST_NOTE = 300
# How the keys of what is booked at the till begin.
AT_TILL = "till:"
_MOST_KEY = 120


@told_when_busy
@transaction.atomic
def tick(
    rule: Rule,
    customer: Customer,
    *,
    once: str = "",
    by: User | None = None,
    now: datetime,
) -> Entry:
    """Somebody did what a rule rewards: once, or once for each `once` ("2026" of an
    occasion, the id of a review). Done before, and not undone: the same entry. It can
    be spent at once. `by`: the colleague who ticked it off. Raises NotAMember, also
    where the rule is not for them, and ProgrammeOff where the programme or its rule is
    off."""
    programme = rule.programme
    if rule.event == EarnEvent.ORDER.value:
        raise InvalidValue(fields={"rule": "unknown"})
    key = text.one_line(once, field="once", most=_MOST_KEY)
    base = f"{rule.event}:{rule.pk}:{key}".rstrip(":")
    before = _there(rule, customer, base)
    if (there := _standing(before)) is not None:
        return there
    source_key = f"{base}#{len(before) + 1}" if before else base
    today = selectors.business().day(now)
    if rule.ended_at is not None or not is_on(programme, today):
        raise ProgrammeOff
    member = members.member_of(programme, customer, now=now)
    version = rules.latest_of(rule)
    if not members_sql.for_whom(version, [customer.pk], today=today):
        raise NotAMember
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
        by=by,
    )
    _record("earned", entry, member, now)
    return entry


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
    same entry, until that is undone. Taken is what can be spent at most. Raises
    HandLimitReached beyond what their role may move from one member in a day,
    BalanceTooLow and InvalidValue."""
    clean = text.one_line(reason, field="reason", most=MOST_NOTE)
    if not clean:
        raise InvalidValue(fields={"reason": "required"})
    locked = posting.lock([member.pk])[member.pk]
    programme, today = locked.programme, selectors.business().day(now)
    if not amount or amount != round(amount, programme.places):
        raise InvalidValue(fields={"amount": "number_out_of_range"})
    undone = locked.entries.exclude(undone_by=None)
    source_key = standing_key(
        f"hand:{text.one_line(once, field='once', most=_MOST_KEY)}",
        is_over=lambda key: undone.filter(source_key=key).exists(),
    )
    there = locked.entries.filter(source_key=source_key).first()
    if there is not None:
        return there
    within_limit(locked, amount, staff, today)
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


def standing(rule: Rule, customer: Customer, *, once: str = "") -> Entry | None:
    """The entry of what was ticked and not undone; None: it is to do."""
    base = f"{rule.event}:{rule.pk}:{once}".rstrip(":")
    return _standing(_there(rule, customer, base))


def _standing(ticked: list[Entry]) -> Entry | None:
    return next((one for one in ticked if one.undone_by.first() is None), None)


def _there(rule: Rule, customer: Customer, source_key: str) -> list[Entry]:
    """Each time that it was ticked; also of a record that was merged into theirs."""
    ours = Q(membership__customer=customer) | Q(
        membership__customer__merged_into=customer
    )
    key = Q(source_key=source_key) | Q(source_key__startswith=f"{source_key}#")
    rows = Entry.objects.filter(ours, key, membership__programme=rule.programme)
    return list(rows.filter(undoes=None).order_by("pk"))


def _amount(version: RuleVersion, places: int) -> Decimal:
    return round(version.units, places)


def within_limit(member: Membership, amount: Decimal, staff: User, today: date) -> None:
    """Raises HandLimitReached where a role would move more from a member in a day, by
    hand and by what it books at the till, than it may. `member` is locked."""
    limit = member.programme.hand_limits.filter(role=staff.role).first()
    if limit is None:
        raise HandLimitReached
    # What was undone moved nothing.
    by_hand = Q(kind=EntryKind.ADJUSTED.value) | Q(source_key__startswith=AT_TILL)
    theirs = member.entries.filter(
        by_hand, by__role=staff.role, on=today, undoes=None, undone_by=None
    )
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
