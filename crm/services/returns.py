"""Which purchases were given back: kept up to date, and what a person says about it.

Code that changes orders marks the customers with returns in the same transaction; a
tick works the marked ones out in slices. Callers that need the matches at once call
`process_pending` first.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from time import monotonic

from django.db import transaction

from crm import signals
from crm.errors import ReturnTakesNothing
from crm.models import Order, OrderLine, ReturnChoice, UnmatchedReturn, User
from crm.rules.choices import Nature, Unmatched
from crm.rules.returns import Line, Moved, Return, match
from crm.services import audit
from crm.sql import returns as sql
from crm.sql.returns import PurchaseRow, ReturnRow
from web.errors import NotFound

# A transaction that marks one of them waits for the slice: it stays under a second.
SLICE = 1_000


@transaction.atomic(savepoint=False)
def mark(
    customer_ids: Collection[int], order_ids: Collection[int], *, now: datetime
) -> None:
    """Orders of these customers changed: their returns are matched again."""
    if customer_ids:
        sql.mark(customer_ids, order_ids, now=now)


@transaction.atomic
def mark_all(customer_ids: Collection[int], *, now: datetime) -> None:
    """These customers are about to get, or lose, orders of each other."""
    sql.mark_all(customer_ids, now=now)


def process_pending(*, now: datetime, seconds: float = 30) -> int:
    """Match the returns of marked customers, in slices that commit; how many customers.

    What does not fit into the time is left to the next call, the oldest marks first.
    """
    ends_at = monotonic() + seconds
    processed = 0
    while slice_ := _process_slice(now):
        processed += slice_
        if monotonic() >= ends_at:
            break
    return processed


@transaction.atomic
def _process_slice(now: datetime) -> int:
    # The orders are read after the marks are taken: who changes one in between marks
    # the customer again.
    if customers := sql.take_marks(SLICE):
        _match_again(customers, now)
    return len(customers)


def _match_again(customers: Sequence[int], now: datetime) -> None:
    rows = sql.returns(customers)
    chosen = _choices({row.order_id for row in rows})
    returns = [_return(row, chosen) for row in rows]
    named = {one.named_order for one in returns if one.named_order is not None}
    named |= {line.order for lines in chosen.values() for line in lines}
    bought = sql.purchases({(row.customer_id, row.product_id) for row in rows}, named)
    matches, rests = match(returns, map(_moved, bought))
    left = _left_alone({row.order_id for row in rows})
    listed = [rest for rest in rests if rest.returned not in left]
    changed, renamed = sql.replace(customers, matches, listed)
    if changed:
        signals.returns_matched.send(sender=Order, ids=sorted(changed), now=now)
    if renamed:
        signals.orders_changed.send(
            sender=Order, ids=sorted(renamed), customer_ids=customers, now=now
        )


def _choices(order_ids: Collection[int]) -> dict[Line, list[Line]]:
    """What people linked, by the line of the return, the first choice first."""
    found: defaultdict[Line, list[Line]] = defaultdict(list)
    rows = ReturnChoice.objects.filter(returned__in=order_ids, order__isnull=False)
    for row in rows.order_by("pk"):
        if row.order_id is not None:
            returned = Line(row.returned_id, row.returned_line)
            found[returned].append(Line(row.order_id, row.line))
    return found


def _left_alone(order_ids: Collection[int]) -> set[Line]:
    rows = ReturnChoice.objects.filter(returned__in=order_ids, order=None)
    return {Line(*row) for row in rows.values_list("returned_id", "returned_line")}


def _return(row: ReturnRow, chosen: dict[Line, list[Line]]) -> Return:
    line, why_not = Line(row.order_id, row.line_key), None
    if row.returned_order and row.named_id is None:
        why_not = Unmatched.ORDER_UNKNOWN
    elif row.named_id is not None and row.named_customer != row.customer_id:
        why_not = Unmatched.ORDER_OF_ANOTHER
    return Return(
        line=line,
        what=(row.customer_id, row.product_id, row.currency),
        at=row.ordered_at,
        source=row.source,
        number=row.number,
        quantity=row.quantity,
        chosen=chosen.get(line, ()),
        named_order=None if why_not else row.named_id,
        named_line=row.returned_line,
        why_not=why_not,
    )


def _moved(row: PurchaseRow) -> Moved:
    return Moved(
        line=Line(row.order_id, row.line_key),
        what=(row.customer_id, row.product_id, row.currency),
        at=row.ordered_at,
        source=row.source,
        number=row.number,
        quantity=row.quantity,
    )


def forget_orders(order_ids: Collection[int], *, now: datetime) -> None:
    """These orders are about to be deleted: nothing is matched with them any more."""
    if others := sql.forget_orders(order_ids):
        signals.returns_matched.send(sender=Order, ids=others, now=now)


# --- What a person says --------------------------------------------------------------


@transaction.atomic
def link(
    row: UnmatchedReturn, purchase: OrderLine, *, by: User, now: datetime
) -> ReturnChoice:
    """This return gives back that purchase of the same customer. Twice is once.

    Raises ReturnTakesNothing where it is no purchase of theirs.
    """
    back = row.returned
    is_theirs = (
        purchase.customer_id == back.customer_id
        and purchase.nature == Nature.PURCHASE.value
    )
    if not is_theirs:
        raise ReturnTakesNothing
    choice, is_new = ReturnChoice.objects.get_or_create(
        returned=back,
        returned_line=row.returned_line,
        order_id=purchase.order_id,
        line=purchase.line_key,
        defaults={"made_by": by, "made_at": now},
    )
    if is_new:
        _follow(choice, "return.linked", now)
    return choice


@transaction.atomic
def leave(row: UnmatchedReturn, *, by: User, now: datetime) -> ReturnChoice:
    """What is left of this return gives back nothing, and is no longer listed."""
    choice, is_new = ReturnChoice.objects.get_or_create(
        returned=row.returned,
        returned_line=row.returned_line,
        order=None,
        line="",
        defaults={"made_by": by, "made_at": now},
    )
    if is_new:
        _follow(choice, "return.left", now)
    return choice


@transaction.atomic
def take_back(pk: int, *, now: datetime) -> None:
    """Undo a choice; the return finds its purchase by itself again, or is listed.

    Raises NotFound where it was undone already.
    """
    choice = ReturnChoice.objects.select_for_update().filter(pk=pk).first()
    if choice is None:
        raise NotFound
    choice.delete()
    _follow(choice, "return.choice_undone", now)


def _follow(choice: ReturnChoice, action: str, now: datetime) -> None:
    """At once, so that the list shows what the choice did; and again by the mark, where
    a tick was at work on the same customer."""
    back = Order.objects.get(pk=choice.returned_id)
    audit.record(action, f"order:{back.pk}", customer_id=back.customer_id, now=now)
    mark([back.customer_id], [back.pk], now=now)
    _match_again([back.customer_id], now)
