"""What the mails of programmes tell, read again for many people at once when each is
written."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q, Sum

from crm import selectors as crm
from crm.models import Customer
from loyalty.choices import EarnEvent, EntryKind
from loyalty.models import (
    Entry,
    Membership,
    Programme,
    ProgrammeReward,
)
from loyalty.rules.allotment import NoShare, shares
from loyalty.selectors import programmes
from loyalty.selectors.programmes import Expiring, Standing
from loyalty.services import stock

_NOTHING = Decimal(0)
_EARNED = {EntryKind.EARNED.value, EntryKind.IMPORTED.value}
_SPENT, _EXPIRED = EntryKind.SPENT.value, EntryKind.EXPIRED.value


@dataclass(frozen=True)
class Gain:
    """What a person earned in a programme in some days, less what was taken back of it
    since; `pending` of it by the day from which on it can be used. `balance`: now."""

    programme: Programme
    units: Decimal
    pending: Sequence[tuple[date, Decimal]]
    balance: Decimal


@dataclass(frozen=True)
class Ready:
    """Rewards of a programme that somebody has enough for, the cheapest first, and what
    they can spend."""

    programme: Programme
    offers: Sequence[ProgrammeReward]
    spendable: Decimal


@dataclass(frozen=True)
class RunsOut:
    """What runs out in a programme in some days, the soonest first."""

    programme: Programme
    units: Sequence[Expiring]


@dataclass(frozen=True)
class Statement:
    """A month of a membership, which adds up: `opening`, and what each kind of change
    made of it, with its sign. `next`: what runs out first, from today."""

    programme: Programme
    # The first day of the month.
    first: date
    opening: Decimal = _NOTHING
    earned: Decimal = _NOTHING
    spent: Decimal = _NOTHING
    expired: Decimal = _NOTHING
    corrected: Decimal = _NOTHING
    next: Expiring | None = None

    @property
    def closing(self) -> Decimal:
        """The balance at the end of the span, in units."""
        return self.opening + self.earned + self.spent + self.expired + self.corrected

    @property
    def is_empty(self) -> bool:
        """Nothing there before or after, and nothing moved."""
        return not any(
            (self.opening, self.earned, self.spent, self.expired, self.corrected)
        )


def gains(
    customers: Collection[int], first: date, last: date, *, today: date
) -> dict[int, list[Gain]]:
    """By customer what was written down as earned on these days of the shop's, with
    what records earned that were merged into theirs. Nothing where all was taken
    back."""
    since, until = _moments(first, last)
    person_of = dict(zip(customers, customers, strict=True))
    for dropped in Customer.objects.filter(merged_into__in=customers).only(
        "merged_into"
    ):
        person_of[dropped.pk] = dropped.merged_into_id or dropped.pk
    rows = Entry.objects.filter(
        membership__customer__in=person_of, at__gte=since, undoes=None,
        kind__in=[EntryKind.EARNED.value, EntryKind.REVERSED.value],
    ).select_related("membership")  # fmt: skip
    # By what earned it: an order or an activity, of which later entries take back.
    sums: defaultdict[tuple[int, int], dict[str, Decimal]] = defaultdict(dict)
    usable: dict[tuple[int, int, str], date] = {}
    for row in rows.order_by("pk"):
        person = person_of[row.membership.customer_id]
        where, of = (person, row.membership.programme_id), _what(row)
        is_told = row.kind == EntryKind.EARNED.value and row.at < until
        if is_told and row.available_on is not None:
            usable.setdefault((*where, of), row.available_on)
        if is_told or (row.kind == EntryKind.REVERSED.value and of in sums[where]):
            sums[where][of] = sums[where].get(of, _NOTHING) + row.amount
    found: defaultdict[int, list[Gain]] = defaultdict(list)
    for person, theirs in programmes.standings(customers, today=today).items():
        for member, now in theirs:
            parts = sums.get((person, member.programme_id), {})
            units = sum(parts.values(), _NOTHING)
            if units <= 0:
                continue
            later: defaultdict[date, Decimal] = defaultdict(Decimal)
            for of, part in parts.items():
                later[usable[person, member.programme_id, of]] += part
            pending = [
                one for one in sorted(later.items()) if one[0] > today and one[1]
            ]
            found[person].append(Gain(member.programme, units, pending, now.balance))
    return dict(found)


def _what(entry: Entry) -> str:
    if entry.order_id is not None:
        return f"order:{entry.order_id}"
    if entry.source_key.startswith(f"{EarnEvent.REVIEW.value}:"):
        # Without the number of an entry that takes back, or gives again.
        return ":".join(entry.source_key.split(":")[:3])
    return entry.source_key


def running_out(
    customers: Collection[int], first: date, last: date, *, today: date
) -> dict[int, list[RunsOut]]:
    """By customer what runs out from today on within these days."""
    found: defaultdict[int, list[RunsOut]] = defaultdict(list)
    for person, theirs in programmes.standings(customers, today=today).items():
        for row, now in theirs:
            units = [one for one in now.expiring if first <= one.on <= last]
            if units:
                found[person].append(RunsOut(row.programme, units))
    return dict(found)


@dataclass(frozen=True)
class Asked:
    """Of one customer: the rewards that a mail would tell of, and whether it may tell
    of offers."""

    customer: int
    offers: Collection[int]
    with_offers: bool

    def asks_for(self, row: ProgrammeReward) -> bool:
        """Whether the mail may show this one."""
        return row.pk in self.offers and (self.with_offers or not row.reward.is_offer)


@dataclass
class Answer:
    """Those that they have enough for and can have; `no`: why none, where they have
    enough."""

    ready: list[Ready] = field(default_factory=list)
    no: NoShare | None = None


def ready(asked: Sequence[Asked], *, now: datetime) -> list[Answer]:
    """For each in its order; so many queries for each reward that is asked for."""
    shop = crm.business()
    today = shop.day(now)
    customers = {one.customer for one in asked}
    wanted = {pk for one in asked for pk in one.offers}
    rows = ProgrammeReward.objects.filter(pk__in=wanted, reward__archived_at=None)
    rows = rows.select_related("reward", "programme").prefetch_related(
        "programme__words", "reward__words"
    )
    offers = list(rows.order_by("price", "pk"))
    rooms = {
        row.reward_id: stock.room_of(row.reward, customers, shop=shop, now=now)
        for row in offers
    }
    theirs = programmes.standings(customers, today=today)
    found = []
    for one in asked:
        has = {row.programme_id: now for row, now in theirs.get(one.customer, [])}
        answer = Answer()
        told: defaultdict[Programme, list[ProgrammeReward]] = defaultdict(list)
        for row in (row for row in offers if one.asks_for(row)):
            standing = has.get(row.programme_id)
            if standing is None or standing.spendable < row.price:
                continue
            (no,) = shares(rooms[row.reward_id], [one.customer])
            if no is None:
                told[row.programme].append(row)
            else:
                answer.no = no
        answer.ready = [
            Ready(programme, listed, has[programme.pk].spendable)
            for programme, listed in told.items()
        ]
        found.append(answer)
    return found


def statements(
    customers: Collection[int], first: date, last: date, *, today: date
) -> dict[int, list[Statement]]:
    """By customer each programme of the month from `first` to `last`; none of a
    programme in which nothing moved and nothing is."""
    since, until = _moments(first, last)
    theirs = programmes.standings(customers, today=today)
    ids = [row.pk for rows in theirs.values() for row, _now in rows]
    sums: defaultdict[int, dict[str, tuple[Decimal, Decimal]]] = defaultdict(dict)
    rows = Entry.objects.filter(membership__in=ids, at__lt=until).order_by()
    for member, kind, before, within in rows.values_list("membership", "kind").annotate(
        before=Sum("amount", filter=Q(at__lt=since)),
        within=Sum("amount", filter=Q(at__gte=since)),
    ):
        sums[member][kind] = (before or _NOTHING, within or _NOTHING)
    found: dict[int, list[Statement]] = {}
    for person, listed in theirs.items():
        made = [_statement(row, first, now, sums[row.pk]) for row, now in listed]
        if told := [one for one in made if not one.is_empty]:
            found[person] = told
    return found


def _statement(
    row: Membership,
    first: date,
    now: Standing,
    sums: Mapping[str, tuple[Decimal, Decimal]],
) -> Statement:
    moved = {kind: within for kind, (_before, within) in sums.items()}
    earned = sum((moved.pop(kind, _NOTHING) for kind in _EARNED), _NOTHING)
    spent, expired = moved.pop(_SPENT, _NOTHING), moved.pop(_EXPIRED, _NOTHING)
    return Statement(
        row.programme,
        first,
        opening=sum((before for before, _within in sums.values()), _NOTHING),
        earned=earned,
        spent=spent,
        expired=expired,
        corrected=sum(moved.values(), _NOTHING),
        next=next(iter(now.expiring), None),
    )


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    """When the first of these days of the shop's begins, and when the last is over."""
    shop = crm.business()
    return shop.begins(first), shop.begins(last + timedelta(days=1))
