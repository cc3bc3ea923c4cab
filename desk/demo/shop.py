"""The shop itself: its name, its staff, its customers and orders through the import."""

import csv
import random
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from django.core.management import call_command

from crm import selectors
from crm.access import Role
from crm.models import Customer, Product, User
from crm.services import business as settings
from desk.demo import buying
from desk.demo.buying import Basket
from desk.demo.goods import EXTRAS, GOES_WITH, POSTAGE, STAPLES
from desk.demo.people import Person
from loyalty.services import complements, order_links

OWNER = "owner@kettle-and-leaf.example"
_STAFF = (
    ("Noa Ben-Ami", OWNER, Role.OWNER),
    ("Mei Lin", "mei@kettle-and-leaf.example", Role.MANAGER),
    ("Tom Okafor", "tom@kettle-and-leaf.example", Role.AGENT),
)


_CUSTOMER_COLUMNS = (
    "external_id",
    "given_name",
    "family_name",
    "email",
    "phone",
    "language",
    "time_zone",
    "country",
    "birthday",
    "customer_since",
    "heard_from",
    "company",
    "tags",
)
_ORDER_COLUMNS = (
    "order_id",
    "customer_id",
    "ordered_at",
    "delivered_at",
    "status",
    "currency",
    "sku",
    "product",
    "category",
    "quantity",
    "unit_price",
)


def open_shop(*, password: str, public_url: str, now: datetime) -> list[User]:
    """Name, addresses and the three people there; only the owner may sign in."""
    settings.update_business(
        changes={
            "name": "Kettle & Leaf",
            "public_url": public_url,
            "postal_address": "4 Mill Lane, Leeds",
            "from_name": "Noa from Kettle & Leaf",
            "from_transactional": "hello@kettle-and-leaf.example",
            "from_survey": "noa@kettle-and-leaf.example",
            "from_loyalty": "noa@kettle-and-leaf.example",
            "from_marketing": "news@kettle-and-leaf.example",
            "reply_to": "noa@kettle-and-leaf.example",
            "time_zone": "Europe/London",
            "country": "GB",
            "currency": "GBP",
        },
        version=selectors.business().version,
        now=now,
    )
    return [
        User.objects.create_user(
            email, password if email == OWNER else None, name=name, role=role.value
        )
        for name, email, role in _STAFF
    ]


def stock(people: Sequence[Person], *, today: date, dice: random.Random) -> int:
    """Everybody and everything they bought, by the two import commands."""
    baskets = _all_baskets(people, today=today, dice=dice)
    with tempfile.TemporaryDirectory() as folder:
        customers, orders = Path(folder) / "customers.csv", Path(folder) / "orders.csv"
        products = Path(folder) / "products.csv"
        _write_customers(customers, people)
        _write_orders(orders, baskets)
        _write_products(products)
        call_command("import_customers", str(customers), verbosity=0)
        call_command("import_orders", str(orders), postage=[POSTAGE.sku], verbosity=0)
        call_command("import_products", str(products), verbosity=0)
    return len(baskets)


def lead_to_the_shop(*, now: datetime) -> None:
    """What goes with what, and where a mail leads to order it."""
    order_links.set_template("https://kettle-and-leaf.example/cart/{lines}", now=now)
    goods = {one.sku: one for one in Product.objects.all()}
    for sku, other in GOES_WITH:
        if sku in goods and other in goods:
            complements.choose(goods[sku], goods[other], now=now)


def _all_baskets(
    people: Iterable[Person], *, today: date, dice: random.Random
) -> list[Basket]:
    baskets: list[Basket] = []
    for person in people:
        baskets += buying.baskets(person, today=today, dice=dice)
    baskets.sort(key=lambda basket: basket.at)
    return baskets


def _write_customers(path: Path, people: Iterable[Person]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_CUSTOMER_COLUMNS)
        for person in people:
            rows.writerow(
                (
                    person.external_id,
                    person.given,
                    person.family,
                    person.email,
                    person.phone,
                    person.place.language,
                    person.zone,
                    person.place.country,
                    person.birthday,
                    person.since.isoformat(),
                    person.heard_from,
                    person.company,
                    ";".join(person.tags),
                )
            )


def _write_orders(path: Path, baskets: Iterable[Basket]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_ORDER_COLUMNS)
        for number, basket in enumerate(baskets, start=10_001):
            for good, pieces in basket.lines:
                rows.writerow(
                    (
                        number,
                        basket.person.external_id,
                        basket.at.isoformat(),
                        basket.delivered.isoformat() if basket.delivered else "",
                        basket.status,
                        "GBP",
                        good.sku,
                        good.name,
                        good.category,
                        pieces,
                        good.price,
                    )
                )


def _write_products(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ("sku", "name", "category", "price", "currency", "days_of_supply")
        )
        for good in (*STAPLES, *EXTRAS):
            lasts = good.lasts_days or ""
            rows.writerow(
                (good.sku, good.name, good.category, good.price, "GBP", lasts)
            )


def share_out(staff: Sequence[User], *, dice: random.Random) -> None:
    """A third of the customers have somebody who looks after them."""
    for customer in Customer.objects.live().order_by("external_id"):
        if dice.random() < 0.33:
            owner = dice.choice(staff)
            Customer.objects.filter(pk=customer.pk).update(owner=owner)
