"""Reads of the reviews: who is asked, what the pages show."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, JSONObject, Length
from django.db.models.lookups import GreaterThan

from crm.models import Order, OrderLine, Product
from crm.rules.choices import Nature, OrderNature, OrderState, ProductNature
from feedback import rules
from feedback.choices import ReviewState
from feedback.models import Review
from feedback.sql import AddDays, Sha256

# As long as the column of the ledger that keeps it.
LONGEST_OCCURRENCE = 120


@dataclass(frozen=True)
class StarShare:
    """Of so many decided reviews with these stars, so many were rejected."""

    stars: int
    rejected: int
    decided: int


# --- Who is asked --------------------------------------------------------------------


def orders_to_review(
    first_on: date, last_on: date, *, wait_days: int, assumed_delivery_days: int
) -> QuerySet[Any, Any]:
    """Every order that is asked about from first_on to last_on, by one rule for all.

    A sale, not cancelled, of at least one real product, `wait_days` after it arrived.
    Where no arrival was reported it is assumed. Answers, scores and reviews play no
    part: every buyer is asked.
    """
    wait, assumed = timedelta(days=wait_days), timedelta(days=assumed_delivery_days)
    arrived = Q(delivered_on__range=(first_on - wait, last_on - wait))
    believed = Q(
        delivered_on=None,
        ordered_on__range=(first_on - wait - assumed, last_on - wait - assumed),
    )
    return (
        Order.objects.filter(arrived | believed, nature=OrderNature.SALE.value)
        .exclude(state=OrderState.CANCELLED.value)
        # One look into the index for each order. As EXISTS it becomes a join, for which
        # the planner may read all lines there are.
        .alias(
            bought=Subquery(
                products_bought().filter(order=OuterRef("pk")).values("pk")[:1]
            )
        )
        .filter(bought__isnull=False)
        .annotate(
            occurrence=occurrence(),
            arrived_on=Coalesce(
                F("delivered_on"), AddDays(F("ordered_on"), assumed_delivery_days)
            ),
        )
        .annotate(
            due_on=AddDays(F("arrived_on"), wait_days),
            why=JSONObject(order=F("pk"), arrived=F("arrived_on")),
        )
        .values("customer_id", "occurrence", "due_on", "why")
    )


def occurrence() -> Case:
    """What makes it the same order again: its number in its source."""
    plain = Concat(Value("order:"), F("source"), Value(":"), F("external_id"))
    too_long = GreaterThan(Length(plain), LONGEST_OCCURRENCE)
    return Case(
        When(too_long, then=Concat(Value("order:sha256:"), Sha256(plain))),
        default=plain,
    )


def products_bought() -> QuerySet[OrderLine]:
    """Lines that are purchases of real products: no postage, fee or return."""
    return OrderLine.objects.filter(
        nature=Nature.PURCHASE.value, product__nature=ProductNature.PRODUCT.value
    )


def products_of(order_ids: Collection[int]) -> dict[int, list[Product]]:
    """What was bought in each order, the largest amount first."""
    amounts = (
        products_bought()
        .filter(order_id__in=order_ids)
        .values("order_id", "product_id")
        .annotate(amount=Sum("amount"))
        .order_by("order_id", "-amount", "product_id")
        .values_list("order_id", "product_id")
    )
    pairs = list(amounts)
    products = Product.objects.in_bulk({product_id for _, product_id in pairs})
    found: dict[int, list[Product]] = {}
    for order_id, product_id in pairs:
        found.setdefault(order_id, []).append(products[product_id])
    return found


# --- The pages -----------------------------------------------------------------------


def published(product_id: int | None = None) -> QuerySet[Review]:
    """What everybody may read, of the shop or of one product."""
    found = Review.objects.filter(state=ReviewState.PUBLISHED.value)
    return found if product_id is None else found.filter(product_id=product_id)


def star_summary(product_id: int | None = None) -> rules.StarSummary:
    """Of all published reviews: the same ones that the page shows."""
    counts = published(product_id).values("stars").annotate(n=Count("pk")).order_by()
    return rules.summarise({row["stars"]: row["n"] for row in counts})


def in_state(state: ReviewState) -> QuerySet[Review]:
    """A tab of the moderation list, with what its rows show."""
    return with_row_parts().filter(state=state.value)


def with_row_parts() -> QuerySet[Review]:
    """All reviews with what a row of the list shows, in one query."""
    return Review.objects.select_related(
        "customer", "product", "request__order", "moderated_by"
    )


def how_many_wait() -> int:
    """How many reviews wait for moderation."""
    return Review.objects.filter(state=ReviewState.HELD.value).count()


def rejected_by_stars() -> list[StarShare]:
    """How the reader's decisions fell on the stars: gating would show here."""
    counts = (
        Review.objects.filter(
            state__in=[ReviewState.PUBLISHED.value, ReviewState.REJECTED.value]
        )
        .values("stars")
        .annotate(
            decided=Count("pk"),
            rejected=Count("pk", filter=Q(state=ReviewState.REJECTED.value)),
        )
    )
    by_stars = {row["stars"]: row for row in counts}
    return [
        StarShare(stars, row["rejected"], row["decided"])
        for stars in reversed(rules.STARS)
        if (row := by_stars.get(stars))
    ]
