"""What becomes of balances when two records are one person, two again, or nobody's.

Entries and memberships stay where they are. A merge posts what the dropped record had
to the kept one, lot by lot, and an undo posts it back; what orders earned is then
worked out for whoever has them now.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Sum

from crm import selectors
from crm.personal_rows import Merge
from loyalty.choices import EntryKind, SpendState, WhoTakesPart
from loyalty.models import (
    Allocation,
    Entry,
    Lot,
    Membership,
    ProgrammeReward,
    Spending,
)
from loyalty.services.programmes import posting, spending
from loyalty.services.programmes.posting import Posting
from loyalty.sql import members as sql
from loyalty.sql import programme_orders

_NOTHING = Decimal(0)


def transfer(merge: Merge) -> None:
    """Before a merge: what the dropped record has, and what it owes, goes to the kept
    one."""
    today = selectors.business().day(merge.now)
    sql.add_kept(merge.kept, merge.dropped)
    postings = []
    for source, target in _pairs(merge):
        rows = Lot.objects.filter(membership=source, left__gt=0)
        is_enough = _is_enough_together(source, target)
        for lot in rows.select_related("entry").order_by("pk"):
            key = f"merge:{merge.id}:{lot.pk}"
            came = _in(target, lot.left, key, today, lot)
            if is_enough and lot.available_on < today:
                # Usable all the same, and the day on which a reward is ready.
                came = came._replace(available_on=today)
            postings += [_out(source, lot.left, key, today, lot), came]
        if source.owed:
            key = f"merge:{merge.id}:owed"
            postings += [
                _in(source, source.owed, key, today),
                _out(target, source.owed, key, today),
            ]
    posting.book(postings, today=today, now=merge.now)
    programme_orders.mark([merge.kept], now=merge.now)


def _is_enough_together(source: Membership, target: Membership) -> bool:
    """Whether both have enough for a reward for which neither had alone."""
    alone = max(source.balance, target.balance)
    together = source.balance + target.balance
    rows = ProgrammeReward.objects.filter(
        programme=source.programme_id, reward__archived_at=None
    )
    return rows.filter(price__gt=alone, price__lte=together).exists()


def give_back(merge: Merge) -> None:
    """Before the undo of a merge: what was transferred goes back, each lot with its old
    days. What of it was spent meanwhile, the kept record pays with what else it has;
    what ran out runs out there instead."""
    today = selectors.business().day(merge.now)
    prefix = f"merge:{merge.id}:"
    postings: list[Posting] = []
    for source, target in _pairs(merge):
        moved = Entry.objects.filter(
            membership=target,
            kind=EntryKind.TRANSFERRED.value,
            source_key__startswith=prefix,
        )
        rows = list(moved.select_related("lot__entry").order_by("pk"))
        # What was usable may have come with the day of the merge: see `transfer`.
        came_from = {row.pk: row.source_key.removeprefix(prefix) for row in rows}
        lots = [int(key) for key in came_from.values() if key != "owed"]
        usable = dict(Lot.objects.filter(pk__in=lots).values_list("pk", "available_on"))
        for entry in rows:
            key = f"undone-{entry.source_key}"
            if entry.amount < 0:
                postings += [
                    _in(target, -entry.amount, key, today),
                    _out(source, -entry.amount, key, today),
                ]
                continue
            lot = entry.lot
            postings += _expiry_taken_back(target, lot, key, today)
            postings += [
                _out(target, entry.amount, key, today, lot),
                _in(source, entry.amount, key, today, lot)._replace(
                    available_on=usable[int(came_from[entry.pk])]
                ),
            ]
        postings += _what_came_back(merge, source, target, today)
    posting.book(postings, today=today, now=merge.now)
    _leave_what_was_never_joined(merge, prefix)


def _what_came_back(
    merge: Merge, source: Membership, target: Membership, today: date
) -> Iterator[Posting]:
    """What the dropped record had spent and what came back to the kept one while they
    were one person: whoever spent it has it."""
    rows = Entry.objects.filter(membership=target, undoes__membership=source)
    moved: defaultdict[int, list[Entry]] = defaultdict(list)
    rows = rows.filter(undoes__spending__isnull=False).select_related("lot__entry")
    for row in rows.order_by("pk"):
        moved[row.undoes_id or 0].append(row)
    for found in moved.values():
        if not sum(row.amount for row in found):
            continue
        for row in found:
            key = f"undone-merge:{merge.id}:back:{row.pk}"
            lot = row.lot if row.amount > 0 else None
            if lot is not None:
                yield from _expiry_taken_back(target, lot, key, today)
            sides = (target, source) if row.amount > 0 else (source, target)
            yield _out(sides[0], abs(row.amount), key, today, lot)._replace(
                undoes=row.undoes_id
            )
            yield _in(sides[1], abs(row.amount), key, today, lot)._replace(
                undoes=row.undoes_id
            )


def _leave_what_was_never_joined(merge: Merge, prefix: str) -> None:
    """A programme that people join and that the merge alone made the kept record a
    member of: whoever has nothing in it of their own is none any more."""
    rows = Membership.objects.filter(
        customer=merge.kept,
        left_at=None,
        programme__takes_part=WhoTakesPart.JOINING.value,
    )
    own = Entry.objects.filter(membership=OuterRef("pk")).exclude(
        source_key__contains=prefix
    )
    of_dropped = Membership.objects.filter(
        customer=merge.dropped,
        programme=OuterRef("programme"),
        joined_at=OuterRef("joined_at"),
        absences=OuterRef("absences"),
    )
    rows.filter(Exists(of_dropped)).exclude(Exists(own)).update(left_at=merge.now)


def mark_both(merge: Merge) -> None:
    """After an undo: what the orders of each earn is worked out again."""
    programme_orders.mark([merge.kept, merge.dropped], now=merge.now)


def close(ids: Collection[int], now: datetime) -> None:
    """There is no one left to spend it: the balances of erased people end at
    nothing."""
    today = selectors.business().day(now)
    rows = Membership.objects.filter(customer__in=ids)
    kept = Spending.objects.filter(membership__in=rows, state=SpendState.RESERVED.value)
    for each in kept.select_related("membership"):
        spending.release(each.membership, each.key, now=now)
    members = posting.lock(rows.values_list("pk", flat=True))
    posting.book(
        [
            Posting(
                membership=row.pk,
                kind=EntryKind.ADJUSTED,
                amount=-row.balance,
                source_key=f"erased:{row.entries.count()}",
                on=today,
                available_on=today if row.balance < 0 else None,
            )
            for row in members.values()
            if row.balance
        ],
        today=today,
        now=now,
    )


def _pairs(merge: Merge) -> list[tuple[Membership, Membership]]:
    """The memberships of the dropped and of the kept record in the same programme,
    locked."""
    both = Membership.objects.filter(customer__in=[merge.kept, merge.dropped])
    members = posting.lock(both.values_list("pk", flat=True)).values()
    kept = {row.programme_id: row for row in members if row.customer_id == merge.kept}
    return [
        (row, kept[row.programme_id])
        for row in members
        if row.customer_id == merge.dropped and row.programme_id in kept
    ]


def _out(
    member: Membership, amount: Decimal, key: str, today: date, lot: Lot | None = None
) -> Posting:
    return Posting(
        membership=member.pk,
        kind=EntryKind.TRANSFERRED,
        amount=-amount,
        source_key=key,
        on=today,
        from_lot=lot.pk if lot else None,
        lot_order=lot.order_id if lot else None,
    )


def _in(
    member: Membership, amount: Decimal, key: str, today: date, lot: Lot | None = None
) -> Posting:
    return Posting(
        membership=member.pk,
        kind=EntryKind.TRANSFERRED,
        amount=amount,
        source_key=key,
        on=today,
        available_on=lot.available_on if lot else today,
        expires_on=lot.expires_on if lot else None,
        lot_order=lot.order_id if lot else None,
        origin=lot.entry.first_id if lot else None,
    )


def _expiry_taken_back(
    member: Membership, lot: Lot, key: str, today: date
) -> Iterator[Posting]:
    expired = Allocation.objects.filter(
        earned=lot.pk, spent__kind=EntryKind.EXPIRED.value
    )
    amount = expired.aggregate(sum=Sum("amount"))["sum"] or _NOTHING
    if amount:
        yield posting.expiry_taken_back(
            member.pk, amount, f"{key}:expiry", today=today,
            order=lot.order_id, origin=lot.entry.first_id,
        )  # fmt: skip
