"""Files of customers and order lines, one row in so many bad."""

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

CUSTOMERS = 200_000
LINES = 1_000_000
BAD = 200  # one row in so many
START = datetime(2024, 1, 1, 8, tzinfo=UTC)
GIVEN = (
    "Anna Ben Chloé Daniel Ewa Farid Greta Hiro Ines Jonas Kai Lea Mia Noah Ola".split()
)
FAMILY = (
    "Berg Cohen Dubois Eriksen Fischer García Huang Ito Jansen Kowalski Levi".split()
)


def write_files(folder: Path, scale: float) -> tuple[Path, Path]:
    chance = random.Random(7)
    count, lines = round(CUSTOMERS * scale), round(LINES * scale)
    customers, orders = folder / "customers.csv", folder / "orders.csv"
    with customers.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(
            "external_id name email language country birthday customer_since".split()
        )
        out.writerows(customer_row(number, chance) for number in range(count))
    with orders.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow("order_id customer_id ordered_at sku quantity unit_price".split())
        out.writerows(order_rows(count, lines, chance))
    return customers, orders


def customer_row(number: int, chance: random.Random) -> list[str]:
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    is_bad = number % BAD == BAD - 1
    birthday = some_day(chance, 1950, 2005)
    return [
        f"C{number:07}",
        f"{given} {family}{number % 977}",
        f"no address {number}" if is_bad else f"c{number}@example.org",
        chance.choice(("en", "he", "zh-hans", "")),
        chance.choice(("GB", "DE", "FR", "IL")),
        birthday if chance.random() < 0.3 else "",
        some_day(chance, 2015, 2023),
    ]


def some_day(chance: random.Random, first: int, last: int) -> str:
    return (
        f"{chance.randint(first, last)}-{chance.randint(1, 12):02}"
        f"-{chance.randint(1, 28):02}"
    )


def order_rows(
    customers: int, lines: int, chance: random.Random
) -> Iterator[list[str]]:
    """Orders of one to nine lines through two years, as a shop's export has them."""
    made = number = 0
    # A shop has one price for a thing, and a lower one at times.
    prices = [chance.randint(50, 4000) for _ in range(4000)]
    step = timedelta(days=730) / max(lines // 5, 1)
    while made < lines:
        customer = chance.randrange(customers)
        while customer % BAD == BAD - 1:
            customer = chance.randrange(customers)
        at = (START + step * number).strftime("%Y-%m-%d %H:%M:00")
        for _ in range(min(chance.randint(1, 9), lines - made)):
            made += 1
            quantity = "0" if made % BAD == 0 else str(chance.randint(1, 12))
            product = chance.randrange(len(prices))
            # People come back for a few things of their own.
            if chance.random() < 0.3:
                product = (customer * 7 + product % 2) % len(prices)
            cents = prices[product] * chance.choice((100, 100, 100, 90)) // 100
            price, sku = f"{cents / 100:.2f}", f"P{product:05}"
            yield [f"O{number:08}", f"C{customer:07}", at, sku, quantity, price]
        number += 1
