"""The lot in SQL, and what became of those who were drawn and of the others."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg.sql import SQL

# As messaging.rules.holdout.is_held_out; null where the automation holds no one out.
DRAWN = SQL("""CASE WHEN %(holdout)s > 0 THEN (
    SELECT (get_byte(ticket, 0) * 256 + get_byte(ticket, 1)) * 100 < %(holdout)s * 65536
    FROM sha256(convert_to(%(salt)s || ':' || found.customer_id, 'UTF8')) ticket
) END""")

# Each person once, from the first day on which they fell due. Who was on both sides,
# because two records were merged, belongs to neither. Blocks of people are drawn
# together: see `difference_of_means`.
_PEOPLE = SQL("""
person AS MATERIALIZED (
    SELECT customer_id, bool_or(in_holdout) AS held, min(due_on) AS due_on
    FROM messaging_message
    WHERE automation_id = %(automation)s AND in_holdout IS NOT NULL
      AND state <> 'superseded' AND planned_at >= %(since)s
    GROUP BY customer_id
    HAVING bool_and(in_holdout) = bool_or(in_holdout)
), counted AS MATERIALIZED (
    SELECT customer_id, held, due_on,
           ntile(%(blocks)s) OVER (
               PARTITION BY held ORDER BY hashint8(customer_id), customer_id) AS block
    FROM person WHERE due_on + %(days)s <= %(today)s
)""")
_COUNT = SQL("""
WITH {people}
SELECT held, count(*), count(*) FILTER (WHERE due_on + %(days)s <= %(today)s),
       count(*) FILTER (WHERE due_on + %(days)s <= %(today)s AND EXISTS (
           SELECT FROM crm_order o
           WHERE o.customer_id = person.customer_id AND o.nature = 'sale'
             AND o.state <> 'cancelled'
             AND o.ordered_on >= person.due_on
             AND o.ordered_on < person.due_on + %(days)s))
FROM person GROUP BY held
""")
_MONEY = SQL("""
WITH {people}, paid AS (
    SELECT c.customer_id, c.held, c.block, o.currency,
           greatest(sum(o.total), 0) AS paid, bool_or(o.nature = 'sale') AS bought
    FROM counted c JOIN crm_order o ON o.customer_id = c.customer_id
    WHERE o.state <> 'cancelled' AND o.ordered_on >= c.due_on
      AND o.ordered_on < c.due_on + %(days)s
    GROUP BY 1, 2, 3, 4
), block AS (
    SELECT held, block, count(*) AS people FROM counted GROUP BY 1, 2
)
SELECT money.currency, block.held, block.people, coalesce(sum(paid.paid), 0),
       count(*) FILTER (WHERE paid.bought)
FROM (SELECT DISTINCT currency FROM paid) money
CROSS JOIN block
LEFT JOIN paid ON paid.currency = money.currency AND paid.held = block.held
    AND paid.block = block.block
GROUP BY money.currency, block.held, block.block, block.people
ORDER BY money.currency, block.held, block.block
""")
_BLOCKS = 500


@dataclass(frozen=True)
class Asked:
    """Of which automation, since when, and within how many days they ordered."""

    automation: int
    since: datetime
    days: int
    today: date


@dataclass(frozen=True)
class Side:
    """People who fell due, those of them whose days are over, those who ordered."""

    held: bool
    due: int
    people: int
    buyers: int


@dataclass(frozen=True)
class Paid:
    """What one block of people paid in one currency."""

    currency: str
    held: bool
    people: int
    paid: Decimal
    buyers: int


def sides(asked: Asked) -> list[Side]:
    """One row for each side that has people."""
    return [Side(*row) for row in _ask(_COUNT, asked)]


def money(asked: Asked) -> list[Paid]:
    """The blocks of both sides for each currency in which anybody paid."""
    return [Paid(*row) for row in _ask(_MONEY, asked)]


def _ask(question: SQL, asked: Asked) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            question.format(people=_PEOPLE), {**vars(asked), "blocks": _BLOCKS}
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
