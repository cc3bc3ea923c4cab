"""Post entries to the ledger: the one place that writes entries, allocations, lots and
balances, under the row locks of the memberships."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from django.db import transaction

from crm.models import User
from crm.sql.ids import among
from loyalty.choices import EntryKind
from loyalty.errors import BalanceTooLow
from loyalty.models import Entry, Membership
from loyalty.rules.programmes import lots as rules
from loyalty.rules.programmes.lots import OpenLot, Taken
from loyalty.sql import ledger as sql

_ACTIVE = {EntryKind.EARNED, EntryKind.SPENT}
_NOTHING = Decimal(0)
_NOBODY: Mapping[int, Membership] = MappingProxyType({})


class Posting(NamedTuple):
    """A change of one balance, in units. The same membership and key again is the same
    entry. What comes in has its days; what goes out is taken from lots: spending from
    what can be spent; anything else from lots that have something, `from_lot` and
    the lots of its order first, and what is not there is owed.
    """

    membership: int
    kind: EntryKind
    amount: Decimal
    source_key: str
    on: date
    available_on: date | None = None
    expires_on: date | None = None
    rule_version: int | None = None
    order: int | None = None
    # The order that the lot is of, where that is no earning of the order itself.
    lot_order: int | None = None
    undoes: int | None = None
    # The entry by which it first came in, of what comes from another part.
    origin: int | None = None
    from_lot: int | None = None

    @property
    def key(self) -> tuple[int, str]:
        """What makes twice once."""
        return self.membership, self.source_key

    @property
    def own_order(self) -> int | None:
        """Whose lots it makes or takes first."""
        return self.order if self.lot_order is None else self.lot_order


def lock(ids: Collection[int]) -> dict[int, Membership]:
    """The memberships by id, ours until the commit; in one order, so that two who want
    the same ones never wait for each other."""
    if not ids:
        return {}
    rows = Membership.objects.select_for_update(no_key=True)
    rows = rows.filter(pk__in=among(set(ids)))
    return {row.pk: row for row in rows.order_by("id")}


@transaction.atomic
def post(
    postings: Sequence[Posting],
    *,
    today: date,
    now: datetime,
    by: User | None = None,
) -> list[Entry]:
    """As `book`: the entry of each, in their order, new or there already."""
    book(postings, today=today, now=now, by=by)
    rows = Entry.objects.filter(
        membership__in={posting.membership for posting in postings},
        source_key__in={posting.source_key for posting in postings},
    )
    found = {(row.membership_id, row.source_key): row for row in rows}
    return [found[posting.key] for posting in postings]


@transaction.atomic
def book(
    postings: Sequence[Posting],
    *,
    today: date,
    now: datetime,
    by: User | None = None,
    locked: Mapping[int, Membership] = _NOBODY,
) -> dict[tuple[int, str], int]:
    """Post these, in their order; those that are there already change nothing. So many
    statements, however many there are. `locked`: memberships by id that the caller has
    locked and not changed since. The ids of the new entries by membership and key.
    Raises BalanceTooLow where less can be spent than a posting spends; then nothing is
    posted at all."""
    if not postings:
        return {}
    wanted = {posting.membership for posting in postings}
    members = {pk: row for pk, row in locked.items() if pk in wanted}
    members |= lock(wanted - members.keys())
    there = sql.there({posting.key for posting in postings})
    new = list({p.key: p for p in postings if p.key not in there}.values())
    if not new:
        return {}
    page = _Page(members, new, today=today, now=now, by=by)
    ids = sql.next_entry_ids(len(new))
    for posting, pk in zip(new, ids, strict=True):
        page.add(posting, pk)
    page.write()
    return {posting.key: pk for posting, pk in zip(new, ids, strict=True)}


@dataclass
class _Debt:
    """What an entry took that was not there."""

    entry: int
    left: Decimal


@dataclass
class _Page:
    """What is posted at once, before it is written."""

    members: Mapping[int, Membership]
    new: Sequence[Posting]
    today: date
    now: datetime
    by: User | None

    def __post_init__(self) -> None:
        self._entries: list[sql.EntryRow] = []
        self._made: list[tuple[int, OpenLot]] = []
        self._taken: list[sql.AllocationRow] = []
        self._changed: dict[int, OpenLot] = {}
        # Lots are read of those alone from whom something goes out.
        self._poorer = {p.membership for p in self.new if p.amount < 0}
        self._lots = sql.open_lots(self._poorer)
        owing = [pk for pk, row in self.members.items() if row.owed]
        self._debts: defaultdict[int, list[_Debt]] = defaultdict(list)
        for membership, entry, left in sql.debts(owing):
            self._debts[membership].append(_Debt(entry, left))

    def add(self, posting: Posting, pk: int) -> None:
        member = self.members[posting.membership]
        self._entries.append(
            sql.EntryRow(
                id=pk,
                membership_id=member.pk,
                kind=posting.kind.value,
                amount=posting.amount,
                source_key=posting.source_key,
                rule_version_id=posting.rule_version,
                order_id=posting.order,
                undoes_id=posting.undoes,
                origin_id=posting.origin,
                on=posting.on,
                available_on=posting.available_on,
                expires_on=posting.expires_on,
                at=self.now,
                by_id=self.by.pk if self.by else None,
            )
        )
        member.balance += posting.amount
        if posting.kind in _ACTIVE:
            member.active_on = max(member.active_on, posting.on)
        if posting.amount > 0:
            self._come_in(posting, pk, member)
        else:
            self._go_out(posting, pk, member)

    def _come_in(self, posting: Posting, pk: int, member: Membership) -> None:
        assert posting.available_on is not None
        lot = OpenLot(
            pk,
            posting.amount,
            posting.available_on,
            posting.expires_on,
            posting.own_order,
        )
        for debt in self._debts.get(member.pk, ()):
            part = min(debt.left, lot.left)
            if part > 0:
                debt.left -= part
                lot.left -= part
                member.owed -= part
                self._take(debt.entry, [Taken(pk, part)])
        if member.pk in self._poorer:
            self._lots[member.pk].append(lot)
        self._made.append((member.pk, lot))

    def _go_out(self, posting: Posting, pk: int, member: Membership) -> None:
        lots = self._lots[member.pk]
        if posting.kind is EntryKind.SPENT:
            taken = rules.take(lots, -posting.amount, self.today)
            if taken is None:
                raise BalanceTooLow(rules.spendable(lots, self.today))
        else:
            taken, short = rules.take_back(
                lots,
                -posting.amount,
                first=posting.from_lot,
                order=posting.own_order,
                today=self.today,
            )
            member.owed += short
            self._debts[member.pk].append(_Debt(pk, short))
        self._take(pk, taken)
        touched = {part.lot for part in taken}
        self._changed |= {lot.entry: lot for lot in lots if lot.entry in touched}

    def _take(self, spent: int, taken: Iterable[Taken]) -> None:
        self._taken += [
            sql.AllocationRow(spent, part.lot, part.amount) for part in taken
        ]

    def write(self) -> None:
        sql.write(
            self._entries,
            [
                sql.LotRow(
                    lot.entry,
                    member,
                    lot.left,
                    lot.available_on,
                    lot.expires_on,
                    lot.order,
                )
                for member, lot in self._made
            ],
            self._taken,
        )
        for _, lot in self._made:
            self._changed.pop(lot.entry, None)
        sql.set_left({pk: lot.left for pk, lot in self._changed.items()})
        sql.set_balances([self.members[pk] for pk in {p.membership for p in self.new}])


def expiry_taken_back(
    membership: int,
    amount: Decimal,
    key: str,
    *,
    today: date,
    order: int | None,
    origin: int | None,
) -> Posting:
    """What ran out is there again for what follows in the same call, which takes it
    away; it cannot be spent."""
    return Posting(
        membership=membership,
        kind=EntryKind.EXPIRED,
        amount=amount,
        source_key=key,
        on=today,
        available_on=today,
        expires_on=today - timedelta(days=1),
        lot_order=order,
        origin=origin,
    )


def must_have(member: Membership, amount: Decimal, *, today: date) -> None:
    """Raises BalanceTooLow where less than `amount` can be spent of a membership that
    is locked."""
    if amount <= 0:
        return
    there = rules.spendable(sql.open_lots([member.pk])[member.pk], today)
    if there < amount:
        raise BalanceTooLow(there)
