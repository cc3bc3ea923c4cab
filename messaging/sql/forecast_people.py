"""Who is odd, who is refused and who is crowded among those who are looked at.

In tables of the transaction: `forecast_mail` has a row for each of their mails,
`forecast_person` one for each of them (forecast_everybody.py chooses them). Whoever has
a mailbox of their own, nothing on hold and room under every limit is decided here, in
sets; whoever has not is `odd` or `crowded`, and left to the simulation. The refusals
are those of `send_decision._never`; a test compares the two.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composed, Literal

from messaging.rules.budget import Counted, Rule
from messaging.rules.choices import Category

_ODD = SQL("""
UPDATE forecast_person person SET is_odd = true FROM forecast_mail mail
WHERE mail.customer_id = person.id AND mail.is_odd AND NOT person.is_odd
""")
_REFUSALS = SQL("""
WITH looked AS (
    SELECT mail.id, person.is_gone, person.email_norm, person.is_staff,
        person.has_ground, mail.category, mail.is_held_out, word.said,
        coalesce(every.reason, one.reason) AS barred
    FROM forecast_mail mail JOIN forecast_person person ON person.id = mail.customer_id
    LEFT JOIN forecast_word word ON word.customer_id = person.id
        AND word.category = mail.category
    LEFT JOIN forecast_barred every ON every.customer_id = person.id
        AND every.scope = 'all' AND NOT (mail.category = 'transactional'
            AND every.reason IN ('complaint', 'erased'))
    LEFT JOIN forecast_barred one ON one.customer_id = person.id
        AND one.scope = mail.category AND NOT (mail.category = 'transactional'
            AND one.reason IN ('complaint', 'erased'))
    WHERE NOT person.is_odd AND mail.refusal = ''
), refused AS (
    SELECT id, CASE
        WHEN is_gone THEN 'customer_gone'
        WHEN email_norm = '' THEN 'no_address'
        WHEN barred IS NOT NULL THEN %(codes)s::jsonb ->> barred
        WHEN is_staff AND category = 'survey' THEN 'is_staff'
        WHEN NOT said AND category <> 'transactional' THEN 'opted_out'
        WHEN said IS NULL AND category <> 'transactional' AND (category = 'marketing'
            OR %(bases)s::jsonb ->> category <> 'existing') THEN 'no_consent'
        WHEN said IS NULL AND category <> 'transactional' AND NOT has_ground
            THEN 'no_ground'
        WHEN is_held_out THEN 'held_out'
        ELSE '' END AS code
    FROM looked
)
UPDATE forecast_mail mail SET refusal = refused.code
FROM refused WHERE refused.id = mail.id AND refused.code <> ''
""")
# Where no mail meets more than the limit allows within its window, all of them go. Who
# is held out by lot is so after everything else, limits included.
_CROWDED = SQL("""
WITH counts AS (
    SELECT mail.customer_id, mail.moment AS at, true AS is_ahead
    FROM forecast_mail mail JOIN forecast_person person ON person.id = mail.customer_id
    WHERE NOT person.is_odd AND NOT person.is_crowded
      AND mail.refusal IN ('', 'held_out')
      AND mail.category = ANY({categories}) AND ({reminders} OR NOT mail.is_reminder)
    UNION ALL
    SELECT spent.customer_id, spent.counted_at, false
    FROM forecast_spent spent JOIN forecast_person person
        ON person.id = spent.customer_id
    WHERE spent.category = ANY({categories}) AND ({reminders} OR NOT spent.is_reminder)
      AND spent.counted_at > %(now)s - {window}
), several AS (
    SELECT customer_id FROM counts GROUP BY customer_id
    HAVING count(*) > {most} AND bool_or(is_ahead)
), near AS (
    SELECT customer_id, is_ahead, count(*) OVER (
        PARTITION BY customer_id ORDER BY at
        RANGE BETWEEN {window} PRECEDING AND CURRENT ROW) AS mails
    FROM counts JOIN several USING (customer_id)
)
UPDATE forecast_person person SET is_crowded = true
WHERE NOT person.is_odd AND person.id IN (
    SELECT customer_id FROM near WHERE is_ahead AND mails > {most})
""")
_OF = SQL("""
SELECT mail.id, mail.kind, mail.customer_id, mail.category, mail.is_reminder,
       mail.rank, mail.moment, mail.expires_at, mail.automation_id, mail.is_held_out,
       person.time_zone, person.country, person.email_norm
FROM forecast_mail mail JOIN forecast_person person ON person.id = mail.customer_id
WHERE {which} AND mail.refusal IN ('', 'held_out')
ORDER BY mail.customer_id
""")
_SPENT_BY = SQL("""
SELECT spent.customer_id, spent.category, spent.counted_at, spent.is_reminder
FROM forecast_spent spent JOIN forecast_person person ON person.id = spent.customer_id
WHERE person.is_crowded AND NOT person.is_odd
""")
_COUNTRIES = SQL("""
SELECT country FROM forecast_person WHERE country <> '' GROUP BY country
ORDER BY sum(people) DESC, country LIMIT %s
""")


@dataclass(frozen=True)
class Row:
    """One mail of somebody who is odd or crowded."""

    id: int
    kind: str
    customer: int
    category: str
    is_reminder: bool
    rank: int
    moment: datetime
    expires_at: datetime
    automation: int
    is_held_out: bool
    time_zone: str
    country: str
    email_norm: str


@dataclass(frozen=True)
class Shop:
    """What the refusals depend on beside the person."""

    now: datetime
    # Class of mail to the shop's basis for it.
    bases: dict[str, str]
    # Reason of a suppression to the code of a refusal.
    codes: dict[str, str]
    rules: Sequence[Rule]


def look(shop: Shop) -> None:
    """Say of each person whether they are odd or crowded, and of each mail of the
    others whether it is refused."""
    values: dict[str, Any] = {
        "now": shop.now,
        "codes": json.dumps(shop.codes),
        "bases": json.dumps(shop.bases),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE pg_temp.forecast_mail")
        for statement in (_ODD, _REFUSALS):
            cursor.execute(statement, values)
        for rule in shop.rules:
            cursor.execute(_crowded_by(rule), values)


def _crowded_by(rule: Rule) -> Composed:
    return _CROWDED.format(
        categories=Literal([category.value for category in rule.categories]),
        reminders=Literal(rule.counts_reminders),
        window=Literal(rule.window),
        most=Literal(rule.max_count),
    )


def odd() -> list[Row]:
    """Mails to those of whom more has to be asked than one look shows."""
    return _rows(SQL("person.is_odd"))


def crowded() -> list[Row]:
    """Mails to those who would get more than a limit lets through, and are not odd."""
    return _rows(SQL("person.is_crowded AND NOT person.is_odd"))


def spent() -> Mapping[int, list[Counted]]:
    """What counts already against those who are crowded, by customer."""
    found: dict[int, list[Counted]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SPENT_BY)
        for customer, category, at, is_reminder in cursor.fetchall():
            found[customer].append(Counted(Category(category), at, is_reminder))
    return found


def countries(most: int) -> list[str]:
    """Where the people are: the countries of most of them."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTRIES, [most])
        return [country for (country,) in cursor.fetchall()]


def _rows(which: SQL) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(_OF.format(which=which))
        return [Row(*row) for row in cursor.fetchall()]
