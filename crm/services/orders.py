"""One order at a time, for the API and the admin; files go through the import.

An order that is recorded again is replaced as a whole, by the same rules as there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Min

from crm import selectors, signals
from crm.errors import CustomerGone
from crm.models import Customer, Order, OrderLine, Product
from crm.rules import dates, names, trade
from crm.rules.choices import OrderNature, OrderState, ProductNature, SinceFrom
from crm.services import audit
from web.errors import InvalidValue
from web.rules import money, text

_MOST_LINES = 2_000
# The same limits as in files, so that every amount and total fits its column.
_NUMBER_LIMIT = Decimal(10) ** 8
_AMOUNT_LIMIT = Decimal(10) ** 10


@dataclass(frozen=True)
class OrderLineInput:
    """One line: `quantity` below zero is a return. Prices are per unit, in money.

    `tax`: what of the line's amount is tax, in money; None where that is not known.

    `returns_order`, and of it `returns_line`: what a return gives back, by the ids that
    the order has in the same source and that its line has in the order. It need not be
    known yet.
    """

    sku: str
    quantity: Decimal
    unit_price: Decimal
    product: str = ""
    category: str = ""
    line_id: str = ""
    returns_order: str = ""
    returns_line: str = ""
    tax: Decimal | None = None


@dataclass(frozen=True)
class _Line:
    key: str
    returns: tuple[str, str]
    product: Product
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    tax: Decimal | None


@transaction.atomic
def record_order(
    *,
    now: datetime,
    customer: Customer,
    order_id: str,
    ordered_at: datetime,
    lines: Sequence[OrderLineInput],
    currency: str = "",
    delivered_at: datetime | None = None,
    status: str = "",
    source: str = "main",
) -> tuple[Order, bool]:
    """The order as it now stands, and whether it is new."""
    business = selectors.business()
    buyer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if not buyer.is_live:
        raise CustomerGone
    key = _required(order_id, "order_id", 120)
    source = _required(source, "source", 40)
    _check_days(ordered_at, delivered_at, now)
    lines = _clean(lines)
    zone = dates.zone_of(business.time_zone, "UTC")
    before = Order.objects.filter(source=source, external_id=key).first()
    order, created = Order.objects.select_for_update().update_or_create(
        source=source,
        external_id=key,
        defaults={
            "number": key,
            "customer": buyer,
            "nature": trade.order_nature([line.quantity for line in lines]).value,
            "state": _state(status, delivered_at),
            "ordered_at": ordered_at,
            "ordered_on": dates.local_day(ordered_at, zone),
            "delivered_on": delivered_at and dates.local_day(delivered_at, zone),
            "cancelled_at": now if status == OrderState.CANCELLED.value else None,
            "currency": money.valid_currency(currency or business.currency),
            "total": Decimal(0),
        },
    )
    _replace_lines(order, lines, source)
    concerned = {buyer.pk, before.customer_id if before else buyer.pk}
    remember_days(concerned, now)
    audit.record("order.recorded", f"order:{order.pk}", customer_id=buyer.pk, now=now)
    signals.orders_changed.send(
        sender=Order, ids=[order.pk], customer_ids=sorted(concerned), now=now
    )
    return order, created


def _check_days(
    ordered_at: datetime, delivered_at: datetime | None, now: datetime
) -> None:
    if ordered_at > now:
        raise InvalidValue(fields={"ordered_at": "in_the_future"})
    if ordered_at < dates.EARLIEST:
        raise InvalidValue(fields={"ordered_at": "not_in_range"})
    if delivered_at is not None:
        if delivered_at > now + dates.AHEAD:
            raise InvalidValue(fields={"delivered_at": "in_the_future"})
        if delivered_at < ordered_at - dates.AHEAD:
            raise InvalidValue(fields={"delivered_at": "delivered_before_ordered"})


def _clean(lines: Sequence[OrderLineInput]) -> list[OrderLineInput]:
    if not 1 <= len(lines) <= _MOST_LINES:
        raise InvalidValue(fields={"lines": "wrong_number"})
    return [_clean_line(line, f"lines.{at}") for at, line in enumerate(lines)]


def _clean_line(line: OrderLineInput, at: str) -> OrderLineInput:
    """As it is stored: what differs only in how it is typed is one product."""
    _check_number(line.quantity, f"{at}.quantity", places=3)
    _check_number(line.unit_price, f"{at}.unit_price", places=8)
    if line.tax is not None:
        _check_number(line.tax, f"{at}.tax", places=money.MOST_PLACES)
    if not line.quantity:
        raise InvalidValue(fields={f"{at}.quantity": "quantity_zero"})
    returns_order = text.one_line(
        line.returns_order, field=f"{at}.returns_order", most=120
    )
    returns_line = text.one_line(line.returns_line, field=f"{at}.returns_line", most=60)
    if returns_line and not returns_order:
        raise InvalidValue(fields={f"{at}.returns_order": "required"})
    return OrderLineInput(
        sku=_required(line.sku, f"{at}.sku", 120),
        quantity=line.quantity,
        unit_price=line.unit_price,
        product=names.name_line(line.product, field=f"{at}.product", most=300),
        category=names.name_line(line.category, field=f"{at}.category", most=120),
        line_id=text.one_line(line.line_id, field=f"{at}.line_id", most=60),
        returns_order=returns_order,
        returns_line=returns_line,
        tax=line.tax,
    )


def _check_number(number: Decimal, field: str, *, places: int) -> None:
    if not number.is_finite() or abs(number) >= _NUMBER_LIMIT:
        raise InvalidValue(fields={field: "number_out_of_range"})
    if number != round(number, places):
        raise InvalidValue(fields={field: "number_out_of_range"})


def _required(value: str, field: str, most: int) -> str:
    name = text.one_line(value, field=field, most=most)
    if not name:
        raise InvalidValue(fields={field: "required"})
    return name


def _state(status: str, delivered_at: datetime | None) -> str:
    if status:
        try:
            return OrderState(status).value
        except ValueError:
            raise InvalidValue(fields={"status": "unknown"}) from None
    return (OrderState.DELIVERED if delivered_at else OrderState.PLACED).value


def _replace_lines(order: Order, lines: Sequence[OrderLineInput], source: str) -> None:
    products = _products(lines, source)
    prepared = [
        _Line(
            key=line.line_id or str(number),
            returns=(line.returns_order, line.returns_line),
            product=products[line.sku],
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=(amount := _amount(line, order.currency, f"lines.{number - 1}")),
            tax=_tax(line.tax, amount, order.currency, f"lines.{number - 1}"),
        )
        for number, line in enumerate(lines, start=1)
    ]
    if len({line.key for line in prepared}) != len(prepared):
        raise InvalidValue(fields={"lines": "line_id_twice"})
    order.lines.all().delete()
    OrderLine.objects.bulk_create(_row(order, line) for line in prepared)
    order.total = money.order_total(line.amount for line in prepared)
    order.save(update_fields=["total"])


def _amount(line: OrderLineInput, currency: str, at: str) -> Decimal:
    amount = money.line_amount(line.quantity, line.unit_price, currency)
    if abs(amount) >= _AMOUNT_LIMIT:
        raise InvalidValue(fields={f"{at}.unit_price": "number_out_of_range"})
    return amount


def _tax(
    given: Decimal | None, amount: Decimal, currency: str, at: str
) -> Decimal | None:
    if given is None:
        return None
    tax = money.round_money(given, currency)
    if not trade.is_tax_of(tax, amount):
        raise InvalidValue(fields={f"{at}.tax": "number_out_of_range"})
    return tax


def _row(order: Order, line: _Line) -> OrderLine:
    nature = trade.line_nature(
        ProductNature(line.product.nature),
        line.quantity,
        line.unit_price,
        OrderState(order.state),
    )
    return OrderLine(
        order=order,
        line_key=line.key,
        customer_id=order.customer_id,
        product=line.product,
        ordered_on=order.ordered_on,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        tax=line.tax,
        nature=nature.value,
        returned_order=line.returns[0],
        returned_line=line.returns[1],
    )


def _products(lines: Sequence[OrderLineInput], source: str) -> dict[str, Product]:
    rules = selectors.product_rules(source)
    found = {
        product.sku: product
        for product in Product.objects.filter(
            source=source, sku__in={line.sku for line in lines}
        )
    }
    for line in lines:
        if line.sku not in found:
            found[line.sku], _ = Product.objects.get_or_create(
                source=source,
                sku=line.sku,
                defaults={
                    "name": line.product,
                    "category": line.category,
                    "nature": rules.nature_of(line.sku).value,
                },
            )
    return found


def remember_days(customer_ids: set[int], now: datetime) -> None:
    """First and last order day; `since_on` follows the first unless it was set."""
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=customer_ids)
    for customer in rows.order_by("pk"):
        first, last = _order_days(customer)
        before = (customer.first_order_on, customer.last_order_on, customer.since_on)
        customer.first_order_on, customer.last_order_on = first, last
        if customer.since_from != SinceFrom.GIVEN.value and first is not None:
            customer.since_on = first
            customer.since_from = SinceFrom.FIRST_ORDER.value
        if (first, last, customer.since_on) == before:
            continue
        customer.updated_at = now
        customer.save()
        signals.customers_changed.send(
            sender=Customer,
            ids=[customer.pk],
            fields=frozenset({"since_on"}),
            now=now,
        )


def _order_days(customer: Customer) -> tuple[date | None, date | None]:
    days = (
        Order.objects.filter(customer=customer, nature=OrderNature.SALE.value)
        .exclude(state=OrderState.CANCELLED.value)
        .aggregate(first=Min("ordered_on"), last=Max("ordered_on"))
    )
    return days["first"], days["last"]
