"""Customers of the small shop, and what they bought."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from crm.models import Customer, UnmatchedReturn, User
from crm.services import customers, orders, returns
from crm.services.orders import OrderLineInput


def years_before(day: date, years: int = 4) -> date:
    """Four, so that 29 February has one too."""
    return day.replace(year=day.year - years)


def everybody(now: datetime) -> dict[str, Customer]:
    """Who gets what today: delivered 5 days ago is asked, 14 days ago may review."""
    today = now.date()
    return {
        "asked": _buyer("Dana", "Levi", "he", now, delivered=today - timedelta(days=5)),
        "unhappy": _buyer(
            "Lea", "Brandt", "en", now, delivered=today - timedelta(days=5)
        ),
        "asked_too": _buyer("Tom", "Hale", "en", now, today - timedelta(days=5)),
        "asked_hebrew": _buyer("נועה", "כהן", "he", now, today - timedelta(days=5)),
        "reviewer": _buyer("明", "陈", "zh-hans", now, today - timedelta(days=14)),
        "reviewer_too": _buyer(
            "Mei", "Lin", "zh-hant", now, today - timedelta(days=14)
        ),
        "reviewed": _buyer("Ben", "Ode", "en", now, today - timedelta(days=14)),
        "published": _buyer("Ida", "Holm", "en", now, today - timedelta(days=14)),
        "regular": _regular("Rosa", "Blum", "en", now),
        "regular_too": _regular("Ada", "Finch", "en", now),
        "regular_hebrew": _regular("תמר", "גולן", "he", now),
        "thanked": customer_of("Anna", "Roth", "en", now, since=years_before(today)),
        "tomorrow": customer_of(
            "Max", "Weil", "en", now, since=years_before(today + timedelta(days=1))
        ),
    }


def customer_of(
    given: str, family: str, language: str, now: datetime, since: date | None = None
) -> Customer:
    return customers.create_customer(
        now=now - timedelta(days=40),
        given_name=given,
        family_name=family,
        email=f"{hashlib.md5(given.encode()).hexdigest()[:8]}@example.org",
        language=language,
        time_zone="UTC",
        since_on=since,
        mail_ground="They asked us to keep in touch",
    )


def _buyer(
    given: str, family: str, language: str, now: datetime, delivered: date
) -> Customer:
    buyer = customer_of(given, family, language, now)
    order(buyer, now=now, delivered=delivered)
    return buyer


def _regular(given: str, family: str, language: str, now: datetime) -> Customer:
    """Buys coffee and tea every 31 days, and today is the day."""
    buyer = customer_of(given, family, language, now)
    for ago in (93, 62, 31):
        bought(buyer, now=now, on=now.date() - timedelta(days=ago))
    return buyer


def bought(
    buyer: Customer,
    *,
    now: datetime,
    on: date,
    products: tuple[str, ...] = ("House espresso 1 kg", "Rooibos 200 g"),
) -> None:
    """One order, placed at noon and not delivered yet."""
    orders.record_order(
        now=now,
        customer=buyer,
        order_id=f"B-{buyer.pk}-{on}",
        ordered_at=datetime.combine(on, time(12), tzinfo=UTC),
        lines=[
            OrderLineInput(
                sku=name[:3].upper(),
                product=name,
                quantity=Decimal(1),
                unit_price=Decimal("24.00"),
            )
            for name in products
        ],
    )


def order(buyer: Customer, *, now: datetime, delivered: date) -> int:
    at = datetime.combine(delivered, datetime.min.time(), tzinfo=now.tzinfo)
    placed, _ = orders.record_order(
        now=now,
        customer=buyer,
        order_id=f"K-{buyer.pk}-{delivered}",
        ordered_at=at - timedelta(days=2),
        delivered_at=at,
        lines=[
            OrderLineInput(
                sku="ETH-1",
                product="Ethiopia 1 kg",
                quantity=Decimal(1),
                unit_price=Decimal("24.00"),
            ),
            OrderLineInput(
                sku="SEN-1",
                product="Sencha 100 g",
                quantity=Decimal(2),
                unit_price=Decimal("9.50"),
            ),
        ],
    )
    return placed.pk


def came_back(buyer: Customer, staff: User, *, now: datetime) -> dict[str, int]:
    """Three returns of what nobody knows of: one left alone, one linked, one listed."""
    for number in "123":
        orders.record_order(
            now=now,
            customer=buyer,
            order_id=f"R-{buyer.pk}-{number}",
            ordered_at=now - timedelta(days=1),
            lines=[
                OrderLineInput(
                    sku=f"CUP-{number}",
                    product="Cup",
                    quantity=Decimal(-1),
                    unit_price=Decimal("9.00"),
                )
            ],
        )
    returns.process_pending(now=now)
    left, linked, listed = UnmatchedReturn.objects.order_by("returned__number")
    purchase = buyer.orders.get(number__startswith="K-").lines.earliest("pk")
    returns.link(linked, purchase, by=staff, now=now)
    return {
        "unmatched_return": listed.pk,
        "return_choice": returns.leave(left, by=staff, now=now).pk,
    }
