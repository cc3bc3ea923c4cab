"""What was spent on an order that is no more, or of which less is left, comes back with
its old last day; and goes again where the order is back."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from loyalty.choices import EntryKind, Rounding
from loyalty.models import Allocation, Lot
from loyalty.rules.programmes import earning, lots
from loyalty.rules.programmes.lots import Taken
from loyalty.services.programmes.posting import Posting
from loyalty.services.programmes.slices import Slice
from loyalty.sql.order_ledger import Paid
from loyalty.sql.programme_orders import Facts, Scope

_NOTHING = Decimal(0)


def postings(part: Slice) -> Iterator[Posting]:
    """For each share of an order that differs from what is left of it. Of an order that
    we do not know nothing comes back."""
    if not part.spent:
        return
    facts = {fact.id: fact for fact in part.read(Scope())}
    for row in part.spent:
        fact = facts.get(row.order or 0)
        if row.is_cancelled:
            kept = _NOTHING
        elif fact is not None and fact.goods > 0:
            kept = _still_paid(row, fact, part.programme.places)
        else:
            continue
        member = part.members.get(row.customer)
        if member is not None:
            yield from _moved(row, kept, member.pk, part.today)


def _still_paid(row: Paid, fact: Facts, places: int) -> Decimal:
    exact = lots.share(row.units, fact.goods_kept, fact.goods)
    return earning.rounded(exact, Rounding.HALF_UP, places)


def _moved(row: Paid, kept: Decimal, member: int, today: date) -> Iterator[Posting]:
    moved = row.units - kept - row.back
    key = f"spending:{row.id}:back:{row.entries + 1}"
    if moved > 0:
        yield from give_back(
            row.entry, row.back, moved, member=member, key=key, on=today
        )
    elif moved < 0:
        yield Posting(
            membership=member,
            kind=EntryKind.REVERSED,
            amount=moved,
            source_key=key,
            on=today,
            undoes=row.entry,
        )


def give_back(
    entry: int, before: Decimal, amount: Decimal, *, member: int, key: str, on: date
) -> list[Posting]:
    """Postings that bring `amount` of a spending back to a member's balance, each part
    with the last day of the lot it was taken from; `before` of it came back already."""
    taken = [
        Taken(lot, part)
        for lot, part in Allocation.objects.filter(spent=entry)
        .order_by("id")
        .values_list("earned", "amount")
    ]
    parts = lots.given_back(taken, before, amount)
    rows = Lot.objects.select_related("entry").in_bulk([part.lot for part in parts])
    return [
        Posting(
            membership=member,
            kind=EntryKind.REVERSED,
            amount=part.amount,
            source_key=f"{key}:{part.lot}",
            on=on,
            available_on=on,
            expires_on=rows[part.lot].expires_on,
            lot_order=rows[part.lot].order_id,
            undoes=entry,
            origin=rows[part.lot].entry.first_id,
        )
        for part in parts
    ]
