"""What came of the mails of a kind: who ordered afterwards, and what they paid."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL
from psycopg.sql import SQL, Composable, Composed

from web.composed_sql import subquery

# Each person once, from their first mail of the kind in the time that is asked for. Of
# automations with a lot, everybody who fell due counts on one of two sides, mailed or
# not (messaging/rules/holdout.py); who was on both, by a merge, on neither.
_PERSON = SQL("""
person AS MATERIALIZED (
    SELECT * FROM (
        SELECT DISTINCT ON (customer_id) 'mailed' AS side, customer_id,
               (final_at AT TIME ZONE %(zone)s)::date AS day, why
        FROM messaging_message
        WHERE state = 'sent' AND final_at >= %(since)s AND final_at < %(until)s
          AND kind = %(kind)s AND customer_id IS NOT NULL
        ORDER BY customer_id, final_at, id
    ) mailed
    UNION ALL
    SELECT CASE WHEN bool_or(in_holdout) THEN 'held' ELSE 'drawn' END, customer_id,
           min(due_on), (array_agg(why ORDER BY due_on, id))[1]
    FROM messaging_message
    WHERE in_holdout IS NOT NULL AND state <> 'superseded' AND kind = %(kind)s
      AND customer_id IS NOT NULL
      AND planned_at >= %(since)s AND planned_at < %(until)s
    GROUP BY customer_id HAVING bool_and(in_holdout) = bool_or(in_holdout)
)""")
_BOUGHT = SQL("""
EXISTS (
    SELECT FROM crm_order o
    WHERE o.customer_id = person.customer_id AND o.nature = 'sale'
      AND o.state <> 'cancelled' AND o.ordered_on >= person.day
      AND o.ordered_on < person.day + %(days)s)""")
_PRODUCT = SQL("""
EXISTS (
    SELECT FROM jsonb_array_elements(person.why -> 'products') entry
    JOIN crm_orderline line ON line.product_id = (entry ->> 'id')::bigint
    WHERE line.customer_id = person.customer_id AND line.nature = 'purchase'
      AND line.quantity > 0 AND line.ordered_on >= person.day
      AND line.ordered_on < person.day + %(days)s)""")
_SIDES = SQL("""
WITH {person}
SELECT side, count(*), count(*) FILTER (WHERE is_over),
       count(*) FILTER (WHERE is_over AND bought),
       count(*) FILTER (WHERE is_over AND product)
FROM (
    SELECT side, day + %(days)s <= %(today)s AS is_over, {bought} AS bought,
           {product} AS product
    FROM person
) found GROUP BY side
""").format(person=_PERSON, bought=_BOUGHT, product=_PRODUCT)
_MAILS = """
SELECT count(*) FROM messaging_message
WHERE state = 'sent' AND final_at >= %(since)s AND final_at < %(until)s
  AND kind = %(kind)s AND customer_id IS NOT NULL
"""
_PAID = SQL("""
WITH {person}
SELECT o.currency, sum(o.total)
FROM person JOIN crm_order o ON o.customer_id = person.customer_id
WHERE person.side = 'mailed' AND person.day + %(days)s <= %(today)s
  AND o.state <> 'cancelled' AND o.ordered_on >= person.day
  AND o.ordered_on < person.day + %(days)s
GROUP BY o.currency ORDER BY o.currency
""").format(person=_PERSON)
_PEOPLE = SQL("""
WITH {person}
SELECT person.customer_id FROM person
WHERE side = %(side)s AND day + %(days)s <= %(today)s AND {condition}
""")
_PAGE = SQL("{people} AND customer_id > %(after)s ORDER BY customer_id LIMIT %(most)s")
_CONDITIONS: dict[str, Composable] = {
    "all": SQL("true"),
    "anything": _BOUGHT,
    "product": _PRODUCT,
}


@dataclass(frozen=True)
class Asked:
    """Mails of one kind between two moments, and orders within so many days of them."""

    kind: str
    since: datetime
    until: datetime
    days: int
    today: date
    zone: str


@dataclass(frozen=True)
class Side:
    """People, those whose days are over, and of these those who ordered anything, and
    who ordered what the mail named."""

    people: int = 0
    over: int = 0
    anything: int = 0
    product: int = 0


def mails(asked: Asked) -> int:
    """How many mails of the kind left."""
    ((found,),) = _ask(SQL(_MAILS), vars(asked))
    return int(found)


def sides(asked: Asked) -> dict[str, Side]:
    """ "mailed", and "drawn" and "held" where somebody was held out by lot."""
    return {side: Side(*numbers) for side, *numbers in _ask(_SIDES, vars(asked))}


def paid(asked: Asked) -> dict[str, Decimal]:
    """Currency to what those who got a mail ordered within their days."""
    return dict(_ask(_PAID, vars(asked)))


def people(asked: Asked, side: str, did: str, *, after: int, most: int) -> list[int]:
    """The ids behind a figure, in their order from `after` on."""
    statement = _PAGE.format(people=_people(did))
    more = {"side": side, "after": after, "most": most}
    return [pk for (pk,) in _ask(statement, {**vars(asked), **more})]


def everybody(asked: Asked, side: str, did: str) -> RawSQL:
    """The ids of all behind a figure, for a query of Django."""
    return subquery(_people(did), {**vars(asked), "side": side})


def _people(did: str) -> Composed:
    return _PEOPLE.format(person=_PERSON, condition=_CONDITIONS[did])


def _ask(statement: Composable, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
