"""What is due to be bought again, and what a reminder lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Greatest

from crm.models import OrderLine, Product
from crm.rules.choices import Nature, ProductNature
from loyalty.choices import Basis
from loyalty.models import NextPurchase, ReminderItem, ReorderRefusal
from loyalty.sql import reorders as sql
from messaging.kinds import Due
from messaging.models import Message

KIND = "reorder"
# Products that fall due one after the other do not make a mail a day, let alone two.
REST = timedelta(days=1)


class Standing(StrEnum):
    """Whether there is still a reason to remind of a product."""

    DUE = "due"
    REORDERED = "reordered"
    REFUSED = "refused"
    # "Remind me later": another mail lists it on the day they asked for.
    PUT_OFF = "put_off"
    # They bought other things since, and are expected to buy this on a later day, or
    # on none that we would name.
    LATER = "later"
    # The purchase it was reckoned from is gone: cancelled, or moved to another day.
    MOVED = "moved"
    NO_PRODUCT = "no_product"


# The customer may still say "later" to it.
OPEN = frozenset({Standing.DUE, Standing.LATER, Standing.PUT_OFF})


@dataclass(frozen=True)
class Item:
    """One product of one reminder, as things stand now."""

    product_id: int
    product: str
    last_on: date
    due_on: date
    # They buy it about every so many; None where only their own wish is left.
    days: int | None
    # The customer asked to be reminded again on due_on.
    was_put_off: bool
    # Put off since: the day on which it is listed again.
    again_on: date | None
    standing: Standing
    # What the day stands on: their own intervals, or only what is known of the product.
    basis: Basis = Basis.OWN
    # How many they bought then.
    quantity: Decimal = Decimal(1)


def due_reorders(
    first_on: date, last_on: date, *, offset_days: int, now: datetime
) -> Due:
    """A row for each product of each customer to remind of in these days."""
    return sql.due(
        first_on,
        last_on,
        offset_days=offset_days,
        kind=KIND,
        rested=now - REST,
    )


def reorders_ahead(first_on: date, last_on: date, *, offset_days: int) -> Due:
    """The same for a look ahead, whatever other reminder is under way."""
    return sql.due_ahead(first_on, last_on, offset_days=offset_days)


@dataclass(frozen=True)
class Refusals:
    """What a customer wants no reminders of."""

    products: frozenset[int]
    is_all: bool


def refusals(customer_id: int) -> Refusals:
    """The products that a customer refused, and whether they refused all."""
    found = set(
        ReorderRefusal.objects.filter(customer=customer_id).values_list(
            "product", flat=True
        )
    )
    products = frozenset(pk for pk in found if pk is not None)
    return Refusals(products=products, is_all=None in found)


def items(messages: Sequence[Message], *, today: date) -> dict[int, list[Item]]:
    """What each reminder lists, by message id, with one query for all of them."""
    stated = {message.pk: _stated(message) for message in messages}
    rows = ReminderItem.objects.filter(message__in=list(stated))
    found: dict[int, list[Item]] = {pk: [] for pk in stated}
    for row in _asked(rows, today):
        entry = stated[row.message_id].get((row.product_id, str(row.last_on)), {})
        found[row.message_id].append(_item(row, entry))
    return found


def listed(message: Message, *, today: date) -> list[Item]:
    """What its mail listed, also where a later mail of theirs lists it by now."""
    stated = _stated(message)
    rows = ReminderItem.objects.filter(
        customer=message.customer_id, product__in={product for product, _ in stated}
    )
    return [
        _item(row, stated[row.product_id, str(row.last_on)])
        for row in _asked(rows, today)
        if (row.product_id, str(row.last_on)) in stated
    ]


def _stated(message: Message) -> dict[tuple[int, str], dict[str, Any]]:
    """What the message itself holds about each product and last purchase."""
    products = message.why.get("products", ())
    return {(entry["id"], entry["last"]): entry for entry in products}


def _item(row: ReminderItem, entry: dict[str, Any]) -> Item:
    was_put_off = bool(entry.get("again"))
    return Item(
        product_id=row.product_id,
        product=str(row.product),
        last_on=row.last_on,
        due_on=row.due_on,
        days=entry.get("days"),
        was_put_off=was_put_off,
        again_on=row.again_on,
        standing=_standing(row, was_put_off=was_put_off),
        basis=Basis(entry.get("basis", Basis.OWN.value)),
        quantity=vars(row)["last_quantity"] or Decimal(1),
    )


def _asked(rows: QuerySet[ReminderItem], today: date) -> QuerySet[ReminderItem]:
    """With everything that decides how each of them stands."""
    bought = OrderLine.objects.filter(
        customer=OuterRef("customer"),
        product=OuterRef("product"),
        nature=Nature.PURCHASE.value,
        quantity__gt=0,
    )
    refused = ReorderRefusal.objects.filter(
        Q(product=OuterRef("product")) | Q(product=None), customer=OuterRef("customer")
    )
    expected = NextPurchase.objects.filter(
        customer=OuterRef("customer"),
        product=OuterRef("product"),
        last_on=OuterRef("last_on"),
    )
    last = (
        bought.filter(ordered_on=OuterRef("last_on"))
        .order_by()
        .values("customer")
        .annotate(together=Sum("quantity"))
        .values("together")
    )
    later = expected.filter(due_on__gt=Greatest(OuterRef("due_on"), Value(today)))
    return (
        rows.select_related("product")
        .annotate(
            reordered=Exists(bought.filter(ordered_on__gt=OuterRef("last_on"))),
            stands=Exists(bought.filter(ordered_on=OuterRef("last_on"))),
            refused=Exists(refused),
            is_later=Exists(later),
            is_expected=Exists(expected),
            last_quantity=Subquery(last),
        )
        .order_by("due_on", "product__name", "product_id")
    )


def _is_sold(product: Product) -> bool:
    return product.nature == ProductNature.PRODUCT.value and product.is_available


def _standing(row: ReminderItem, *, was_put_off: bool) -> Standing:
    asked = vars(row)  # The annotations, which the model's type does not know.
    if not _is_sold(row.product):
        standing = Standing.NO_PRODUCT
    elif asked["refused"]:
        standing = Standing.REFUSED
    elif asked["reordered"]:
        standing = Standing.REORDERED
    elif not asked["stands"]:
        standing = Standing.MOVED
    elif row.again_on is not None:
        standing = Standing.PUT_OFF
    elif (asked["is_later"] or not asked["is_expected"]) and not was_put_off:
        standing = Standing.LATER
    else:
        standing = Standing.DUE
    return standing
