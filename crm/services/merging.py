"""Merge two records of one person, and take them apart again within 30 days.

The rows of the apps move as `crm/personal_rows.py` declares. Each merge is one
transaction that notes what it moved and changed; its undo replays that backwards.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from crm import signals
from crm.errors import CustomerGone, MergedOnSince, MergeOver, SameCustomer
from crm.models import Customer, CustomerMerge, Job, MergeMove, User
from crm.personal_rows import Merge, Merged, PersonalRows, all_rows, all_steps
from crm.services import (
    addresses,
    audit,
    keyed_hashes,
    merge_facts,
    merged_addresses,
    order_sums,
    orders,
)
from crm.services.merge_facts import Side
from crm.services.merge_notes import note, noted
from crm.sql import merging as sql
from web.errors import StaleVersion

UNDO_FOR = timedelta(days=30)
# The records that pointed to the dropped one.
_POINTERS = "pointers"  # crm/sql/merging.py knows them by it


@transaction.atomic
def merge(
    kept: Customer,
    dropped: Customer,
    *,
    now: datetime,
    choices: Mapping[str, Side] | None = None,
    versions: tuple[int, int] | None = None,
    by: User | None = None,
    job: Job | None = None,
) -> CustomerMerge:
    """Two records are one person: everything of `dropped` goes to `kept`.

    `choices` says which value of a fact counts (merge_facts.py); of the others the kept
    record takes what it lacks. `dropped` stays as a pointer, so that imports and links
    find the kept one. With `versions` of both, refuse what is based on older ones.
    Raises SameCustomer, CustomerGone, StaleVersion and ImportIsRunning.
    """
    if kept.pk == dropped.pk:
        raise SameCustomer
    found = _locked(kept.pk, dropped.pk)
    ours, theirs = found[kept.pk], found[dropped.pk]
    if versions and versions != (ours.version, theirs.version):
        raise StaleVersion
    before = merge_facts.snapshot(ours)
    row = CustomerMerge.objects.create(
        kept=ours, dropped=theirs, merged_at=now, merged_by=by, job=job,
        last_ids=_last_ids(),
    )  # fmt: skip
    pair = Merge(id=row.pk, kept=kept.pk, dropped=dropped.pk, now=now)
    chiefs = [*addresses.chiefs_of(ours), *addresses.chiefs_of(theirs)]
    merge_facts.fill(ours, theirs, choices or {}, now=now)
    merged_addresses.join(pair, ours, chiefs)
    for step in all_steps():
        if step.before_merge:
            step.before_merge(pair)
    _move_everything(pair)
    _point(pair)
    _count_again([kept.pk, dropped.pk], now)
    row.before, row.after = merge_facts.difference(
        before, merge_facts.snapshot(Customer.objects.get(pk=kept.pk))
    )
    row.save(update_fields=["before", "after"])
    _record("merged", pair, merge_facts.names_of(row.after))
    _announce([kept.pk], now)
    return row


def _locked(*ids: int) -> dict[int, Customer]:
    live = Customer.objects.live().select_for_update().order_by("pk")
    found = live.in_bulk(ids)
    if len(found) != len(ids):
        raise CustomerGone
    return found


def _last_ids() -> dict[str, int]:
    found = {}
    with connection.cursor() as cursor:
        for rows in all_rows():
            if rows.address:
                cursor.execute(sql.last_id(rows))
                found[rows.name] = cursor.fetchone()[0]
    return found


def _move_everything(pair: Merge) -> None:
    for rows in all_rows():
        if rows.merged is Merged.DELETE:
            rows.of([pair.dropped]).delete()
        elif rows.merged is Merged.MOVE:
            _run(rows, pair, *sql.moves(rows), suffix=f"~merge-{pair.dropped}")


def _run(rows: PersonalRows, pair: Merge, *statements: Any, **more: Any) -> None:
    values = {
        **{"merge": pair.id, "kept": pair.kept, "dropped": pair.dropped},
        **{"rows": rows.name, **more},
    }
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)


def _point(pair: Merge) -> None:
    """The dropped record to the kept one, and what was merged into it before, too."""
    earlier = Customer.objects.filter(merged_into=pair.dropped)
    note(pair, _POINTERS, {pk: {} for pk in earlier.values_list("pk", flat=True)})
    earlier.update(merged_into=pair.kept)
    _set_pointer(pair, pair.kept)


def _set_pointer(pair: Merge, target: int | None) -> None:
    Customer.objects.filter(pk=pair.dropped).update(
        merged_into=target, updated_at=pair.now, version=F("version") + 1
    )


def _count_again(ids: Collection[int], now: datetime) -> None:
    orders.remember_days({*ids}, now)
    order_sums.count(ids)


# --- Undo ----------------------------------------------------------------------------


def undoable(kept: Customer, *, now: datetime) -> list[CustomerMerge]:
    """The merges into this record that can be undone now, the newest first."""
    rows = CustomerMerge.objects.filter(
        kept=kept, undone_at=None, merged_at__gt=now - UNDO_FOR
    )
    return list(rows.select_related("dropped", "merged_by").order_by("-pk"))


@transaction.atomic
def undo(row: CustomerMerge, *, now: datetime, by: User | None = None) -> None:
    """Two persons again, each with the rows and facts it had.

    What came in between stays with the kept record, unless it carries the number or
    the address of the other, or hangs on a row that goes back. No consent is loosened.
    Raises MergeOver (undone already, or too long ago), MergedOnSince (the kept record
    was itself merged; that one goes first), CustomerGone and ImportIsRunning.
    """
    locked = CustomerMerge.objects.select_for_update().filter(pk=row.pk).first()
    if locked is None or locked.undone_at or now >= locked.merged_at + UNDO_FOR:
        raise MergeOver
    kept, dropped = _locked_for_undo(locked)
    pair = Merge(id=locked.pk, kept=kept.pk, dropped=dropped.pk, now=now)
    for step in all_steps():
        if step.before_undo:
            step.before_undo(pair)
    merged_addresses.part(pair)
    merge_facts.restore(kept, locked.before, locked.after, now=now)
    _give_back(pair, kept, dropped, locked.last_ids)
    _point_back(pair)
    _count_again([kept.pk, dropped.pk], now)
    for step in all_steps():
        if step.after_undo:
            step.after_undo(pair)
    locked.undone_at, locked.undone_by = now, by
    locked.before = locked.after = {}
    locked.save()
    MergeMove.objects.filter(merge=locked).delete()
    _record("merge_undone", pair)
    _announce([kept.pk, dropped.pk], now)


def _locked_for_undo(row: CustomerMerge) -> tuple[Customer, Customer]:
    both = Customer.objects.select_for_update().order_by("pk")
    found = both.in_bulk([row.kept_id, row.dropped_id])
    kept, dropped = found[row.kept_id], found[row.dropped_id]
    if kept.merged_into_id is not None:
        raise MergedOnSince
    if kept.erased_at or dropped.erased_at:
        raise CustomerGone
    return kept, dropped


def _give_back(
    pair: Merge, kept: Customer, dropped: Customer, last_ids: Mapping[str, int]
) -> None:
    # An address that both have says nothing of whose a later row is.
    own = dropped.email_norm if dropped.email_norm != kept.email_norm else ""
    address = keyed_hashes.hashed(own, keyed_hashes.address_key())
    for rows in all_rows():
        if rows.merged is Merged.DELETE:
            rows.of([pair.kept, pair.dropped]).delete()
        elif rows.merged is Merged.MOVE:
            _run(rows, pair, sql.back(rows))
            if rows.address and address:
                last_id = last_ids.get(rows.name, 0)
                _run(rows, pair, sql.back_by_address(rows),
                     address=address, last_id=last_id)  # fmt: skip
            if rows.follows:
                _run(rows, pair, sql.follow(rows))


def _point_back(pair: Merge) -> None:
    earlier = Customer.objects.filter(pk__in=noted(pair, _POINTERS))
    earlier.filter(merged_into=pair.kept).update(merged_into=pair.dropped)
    _set_pointer(pair, None)


# --- Both ----------------------------------------------------------------------------


def _record(verb: str, pair: Merge, fields: Collection[str] = ()) -> None:
    about = ((pair.kept, fields), (pair.dropped, ()))
    for pk, names in about:
        audit.record(f"customer.{verb}", f"customer:{pk}", customer_id=pk,
                     fields=names, now=pair.now)  # fmt: skip


def _announce(ids: Collection[int], now: datetime) -> None:
    signals.customers_changed.send(
        sender=Customer, ids=sorted(ids), fields=frozenset({"*"}), now=now
    )
