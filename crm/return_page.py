"""Returns without a purchase, as rows of a list, and the purchases they may be of."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import (
    Case,
    DecimalField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from crm.models import Order, OrderLine, ReturnChoice, ReturnMatch, UnmatchedReturn
from crm.rules.choices import Nature, Unmatched

_NUMBER = DecimalField(max_digits=14, decimal_places=3)
# Purchases to choose from.
MOST_PURCHASES = 40
REASONS = {
    Unmatched.NO_PURCHASE.value: gettext_lazy("No earlier purchase of it is known"),
    Unmatched.TOO_MANY.value: gettext_lazy("More than is left of what was bought"),
    Unmatched.ORDER_UNKNOWN.value: gettext_lazy("It names an order that is not known"),
    Unmatched.ORDER_OF_ANOTHER.value: gettext_lazy(
        "It names an order of another customer"
    ),
    Unmatched.NOT_IN_ORDER.value: gettext_lazy(
        "The order that it names has no such purchase"
    ),
}


@dataclass(frozen=True)
class Row:
    """What of a return found no purchase; `line` is None where it is gone."""

    unmatched: UnmatchedReturn
    order: Order
    line: OrderLine | None
    reason: object


@dataclass(frozen=True)
class Decided:
    """A choice that can be undone; `purchase` is None where the return was left."""

    choice: ReturnChoice
    order: Order
    line: OrderLine | None
    purchase: OrderLine | None


def listed() -> QuerySet[UnmatchedReturn]:
    """Of live customers, to be paged by their day."""
    rows = UnmatchedReturn.objects.filter(
        returned__customer__merged_into=None, returned__customer__erased_at=None
    )
    return rows.select_related("returned__customer")


def rows_of(found: Iterable[UnmatchedReturn]) -> list[Row]:
    """With their lines, read in one query."""
    unmatched = list(found)
    lines = _lines({(row.returned_id, row.returned_line) for row in unmatched})
    return [
        Row(
            row,
            row.returned,
            lines.get((row.returned_id, row.returned_line)),
            REASONS[row.reason],
        )
        for row in unmatched
    ]


def decided() -> QuerySet[ReturnChoice]:
    """What people chose, to be paged by its moment."""
    rows = ReturnChoice.objects.filter(returned__customer__erased_at=None)
    return rows.select_related("returned__customer", "order", "made_by")


def decisions_of(found: Iterable[ReturnChoice]) -> list[Decided]:
    """With the lines of both sides, read in one query."""
    choices = list(found)
    keys = {(row.returned_id, row.returned_line) for row in choices}
    keys |= {(row.order_id, row.line) for row in choices if row.order_id is not None}
    lines = _lines(keys)
    return [
        Decided(
            row,
            row.returned,
            lines.get((row.returned_id, row.returned_line)),
            lines.get((row.order_id, row.line)) if row.order_id is not None else None,
        )
        for row in choices
    ]


def _lines(keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], OrderLine]:
    asked = Q(pk=None)
    for order, key in keys:
        asked |= Q(order=order, line_key=key)
    rows = OrderLine.objects.filter(asked).select_related("order", "product")
    return {(row.order_id, row.line_key): row for row in rows}


def purchases_for(row: Row) -> list[OrderLine]:
    """What this customer had bought by then and not given back, the latest of the same
    product first. Each has `left`, how many of it were kept."""
    matched = ReturnMatch.objects.filter(
        order=OuterRef("order_id"), line=OuterRef("line_key")
    ).values("order")
    given = matched.annotate(sum=Sum("quantity")).values("sum")
    product = row.line.product_id if row.line else None
    rows = OrderLine.objects.filter(
        customer=row.order.customer_id,
        nature=Nature.PURCHASE.value,
        order__ordered_at__lte=row.order.ordered_at,
        order__currency=row.order.currency,
    ).annotate(
        left=F("quantity") - Coalesce(Subquery(given), Value(0), output_field=_NUMBER),
        is_other=Case(When(product=product, then=Value(0)), default=Value(1)),
    )
    kept = rows.filter(left__gt=0).select_related("order", "product")
    return list(kept.order_by("is_other", "-ordered_on", "-pk")[:MOST_PURCHASES])
