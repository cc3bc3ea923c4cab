"""What is earned without an order and is known here: signing up, reviews on our own
pages, and occasions. By difference, as with orders: whoever is marked is looked at, and
what was earned before is the same entry."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from crm.models import Customer
from crm.rules.choices import LeapDay
from loyalty.choices import EarnEvent, EntryKind, WhoTakesPart
from loyalty.models import Programme, Rule, RuleVersion
from loyalty.rules.anniversary import day_key, falls
from loyalty.rules.programmes import expiry
from loyalty.services import occasions
from loyalty.services.programmes import members
from loyalty.services.programmes.posting import Posting
from loyalty.services.programmes.slices import Slice
from loyalty.sql import activities as sql
from loyalty.sql.activities import Earned

# The occasions that there are.
BIRTHDAY, ANNIVERSARY, FIRST_ORDER = "birthday", "anniversary", "first_order"
KNOWN = (BIRTHDAY, ANNIVERSARY, FIRST_ORDER)
# After a stop of the workers an occasion still earns for so long.
LATE = timedelta(days=31)
_EVENTS = [
    EarnEvent.SIGN_UP.value, EarnEvent.REVIEW.value, EarnEvent.OCCASION.value,
]  # fmt: skip
_NOTHING = Decimal(0)
_NEVER = Earned(_NOTHING, 0, _NOTHING, None)


@dataclass(frozen=True)
class Activity:
    """Somebody did or had what a rule rewards: `once` makes it the same one again.
    `stands`: it was not taken back."""

    customer: int
    once: str
    at: datetime
    on: date
    stands: bool = True


def watches(event: EarnEvent) -> bool:
    """Whether a programme rewards this."""
    return Rule.objects.filter(event=event.value, programme__archived_at=None).exists()


def mark_occasions(
    programme: Programme, *, after: date, today: date, leap_day: LeapDay, now: datetime
) -> None:
    """Mark whose occasions were between these days, where it rewards any."""
    rules = programme.rules.filter(event=EarnEvent.OCCASION.value, key__in=KNOWN)
    if rules.filter(ended_at=None).exists():
        days = falls(after + timedelta(days=1), today, leap_day)
        sql.mark_occasions([day.key for day in days], now=now)


def postings(part: Slice) -> list[Posting]:
    """For all these rules of the programme; memberships are made for whoever earns for
    the first time."""
    rules = list(part.programme.rules.filter(event__in=_EVENTS).order_by("pk"))
    if not rules:
        return []
    versions: defaultdict[int, list[RuleVersion]] = defaultdict(list)
    rows = RuleVersion.objects.filter(rule__in=rules).order_by("number")
    for row in rows.select_related("only_for", "not_for"):
        versions[row.rule_id].append(row)
    before = sql.earned(part.customers, part.programme.pk, [rule.pk for rule in rules])
    known: dict[str, list[Activity]] = {}
    found: list[tuple[Activity, str, RuleVersion]] = []
    for rule in rules:
        name = rule.key if rule.event == EarnEvent.OCCASION.value else rule.event
        if name not in known:
            known[name] = list(_READERS[name](part)) if name in _READERS else []
        for activity in known[name]:
            key = f"{rule.event}:{rule.pk}:{activity.once}".rstrip(":")
            there = before.get((activity.customer, key), _NEVER)
            if _moves(part, rule, versions[rule.pk], activity, there):
                found.append((activity, key, versions[rule.pk][-1]))
    return list(_booked(part, found, before))


def _moves(
    part: Slice,
    rule: Rule,
    versions: list[RuleVersion],
    activity: Activity,
    there: Earned,
) -> bool:
    """Whether it earns now, or what it earned is taken back."""
    if there.entries or there.amount:
        return activity.stands != (there.amount > 0)
    return (
        activity.stands
        and (rule.ended_at is None or activity.at < rule.ended_at)
        and part.shop.day(versions[0].made_at) <= activity.on
        and part.was_on(activity.on, activity.at)
        and activity.customer in part.may_by(versions[-1])
        and part.took_part(activity.customer, activity.on, activity.at)
    )


def _booked(
    part: Slice,
    found: list[tuple[Activity, str, RuleVersion]],
    before: Mapping[tuple[int, str], Earned],
) -> Iterator[Posting]:
    ids = {customer: row.pk for customer, row in part.members.items()}
    if new := {activity.customer for activity, _key, _version in found} - ids.keys():
        ids |= members.ensure(part.programme, new, now=part.now)
    for activity, key, version in found:
        there = before.get((activity.customer, key), _NEVER)
        # What ran out of it is not taken a second time.
        amount = (
            round(version.units, part.programme.places)
            if activity.stands
            else there.gone - there.amount
        )
        if not amount:
            continue
        day = part.today if activity.stands else None
        yield Posting(
            membership=ids[activity.customer],
            kind=EntryKind.EARNED if activity.stands else EntryKind.REVERSED,
            amount=amount,
            source_key=f"{key}:{there.entries + 1}" if there.entries else key,
            on=part.today,
            available_on=day,
            expires_on=day and expiry.last_day(part.runs_out, day),
            rule_version=version.pk,
            from_lot=None if activity.stands else there.lot,
        )


def _sign_ups(part: Slice) -> Iterator[Activity]:
    """Where people join, on joining; else new customers. Anyone who came or ordered
    before the programme is no new one, whenever their record was made."""
    day = part.shop.day
    if part.programme.takes_part == WhoTakesPart.JOINING.value:
        for customer, member in part.members.items():
            if member.left_at is None:
                yield Activity(customer, "", member.joined_at, day(member.joined_at))
        return
    for row in _people(part):
        known = [one for one in (row.since_on, row.first_order_on) if one]
        on = min([*known, day(row.created_at)])
        yield Activity(row.pk, "", row.created_at, on)


def _reviews(part: Slice) -> Iterator[Activity]:
    """Whatever its stars, and whatever became of it with us; once for each."""
    for customer, pk, at, stands in sql.reviews(part.customers):
        yield Activity(customer, f"page-{pk}", at, part.shop.day(at), stands)


def _occasions(name: str) -> Callable[[Slice], Iterator[Activity]]:
    """Of the last days, once a year; of records that were there on that day."""

    def read(part: Slice) -> Iterator[Activity]:
        shop = part.shop
        days = falls(part.today - LATE, part.today, LeapDay(shop.leap_day))
        on_of = {day.key: day.on for day in days}
        for row in _people(part):
            on = on_of.get(_key_of(row, name))
            if on and shop.day(row.created_at) <= on and _counts(row, name, on):
                yield Activity(row.pk, str(on.year), shop.begins(on), on)

    return read


def _key_of(row: Customer, name: str) -> int:
    if name == BIRTHDAY:
        return (row.birth_month or 0) * 100 + (row.birth_day or 0)
    began = row.since_on if name == ANNIVERSARY else row.first_order_on
    return day_key(began) if began else 0


def _counts(row: Customer, name: str, on: date) -> bool:
    """A birthday that was told shortly before, perhaps for this, counts next year."""
    if name == BIRTHDAY:
        told = row.birth_recorded_at
        return told is None or told < occasions.told_by(on)
    began = row.since_on if name == ANNIVERSARY else row.first_order_on
    return began is not None and began.year < on.year


def _people(part: Slice) -> list[Customer]:
    rows = Customer.objects.live().filter(pk__in=part.customers).order_by("pk")
    return list(
        rows.only(
            *("created_at", "since_on", "first_order_on"),
            *("birth_month", "birth_day", "birth_recorded_at"),
        )
    )


_READERS: dict[str, Callable[[Slice], Iterator[Activity]]] = {
    EarnEvent.SIGN_UP.value: _sign_ups,
    EarnEvent.REVIEW.value: _reviews,
    **{name: _occasions(name) for name in KNOWN},
}
