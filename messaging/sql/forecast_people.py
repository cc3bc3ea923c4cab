"""Who is odd, who is refused and who is crowded among the people of a forecast.

In tables of the transaction: `forecast_mail` has a row for each mail, `forecast_person`
one for each customer of them. Whoever has a mailbox of their own, nothing on hold and
room under every limit is decided here, in sets; whoever has not is `odd` or `crowded`,
and left to the simulation. The refusals are those of `send_decision._never`; a test
compares the two.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composed, Literal

from messaging.rules.budget import Rule

_SHA_BLOCK = 64
# HMAC-SHA256 as in crm.services.keyed_hashes: the key is padded there.
_PERSONS = SQL("""
CREATE TEMP TABLE forecast_person ON COMMIT DROP AS
WITH whom AS (
    SELECT customer_id AS id, bool_or(is_odd) AS is_odd FROM forecast_mail GROUP BY 1
), person AS (
    SELECT c.id, c.email_norm, c.time_zone, c.country, whom.is_odd,
        c.merged_into_id IS NOT NULL OR c.erased_at IS NOT NULL AS is_gone,
        c.first_order_on IS NOT NULL OR c.mail_ground <> '' AS has_ground,
        count(*) OVER (PARTITION BY c.email_norm) > 1 AND c.email_norm <> ''
            AS is_shared,
        CASE WHEN c.email_norm = '' THEN ''::bytea
             ELSE sha256(%(outer)s::bytea || sha256(
                %(inner)s::bytea || convert_to(c.email_norm, 'UTF8'))) END AS hash
    FROM whom JOIN crm_customer c ON c.id = whom.id
), seconds AS MATERIALIZED (
    SELECT customer_id, norm FROM crm_customeraddress WHERE kind = 'email'
), held AS MATERIALIZED (
    SELECT customer_id, address_hash FROM messaging_hold
    WHERE released_at IS NULL AND (until IS NULL OR until > %(now)s)
), staff AS MATERIALIZED (
    SELECT email FROM crm_user WHERE is_active
)
SELECT person.id, person.email_norm, person.time_zone, person.country, person.is_gone,
    person.has_ground, person.hash,
    person.is_odd OR person.is_shared
        OR person.id IN (SELECT customer_id FROM seconds)
        OR person.email_norm IN (SELECT norm FROM seconds)
        OR person.id IN (SELECT customer_id FROM held)
        OR person.hash IN (SELECT address_hash FROM held
                           WHERE address_hash IS NOT NULL) AS is_odd,
    false AS is_crowded,
    person.email_norm IN (SELECT email FROM staff) AS is_staff
FROM person
""")
# Sent ones by the index on their end, which is no earlier than when they were counted.
_SPENT = SQL("""
CREATE TEMP TABLE forecast_spent ON COMMIT DROP AS
WITH recent AS MATERIALIZED (
    SELECT id, customer_id, address_hash, category, is_reminder, counted_at
    FROM messaging_message
    WHERE state IN ('sent', 'uncertain') AND final_at IS NOT NULL
      AND final_at > %(since)s AND counted_at > %(since)s
      AND customer_id IS NOT NULL
    UNION ALL
    SELECT id, customer_id, address_hash, category, is_reminder, counted_at
    FROM messaging_message
    WHERE state IN ('claimed', 'handed') AND counted_at > %(since)s
      AND customer_id IS NOT NULL
)
SELECT person.id AS customer_id, recent.id, recent.customer_id AS sender_id,
       recent.category, recent.is_reminder, recent.counted_at
FROM recent JOIN forecast_person person ON person.id = recent.customer_id
UNION
SELECT person.id, recent.id, recent.customer_id, recent.category, recent.is_reminder,
       recent.counted_at
FROM recent JOIN forecast_person person ON person.hash = recent.address_hash
""")
# Another record's mail of a kind keeps theirs back for a day.
_TWINS = SQL("""
UPDATE forecast_person person SET is_odd = true FROM forecast_spent spent
WHERE spent.customer_id = person.id AND spent.sender_id <> person.id
  AND NOT person.is_odd AND spent.counted_at > %(now)s - interval '1 day'
""")
_REFUSALS = SQL("""
WITH own AS MATERIALIZED (
    SELECT DISTINCT ON (customer_id, category) customer_id, category, id, granted
    FROM messaging_consent ORDER BY customer_id, category, id DESC
), there AS MATERIALIZED (
    SELECT DISTINCT ON (address_hash, category) address_hash, category, id, granted,
        granted AND wording_version <> ALL(%(one_record)s::text[]) AS for_address
    FROM messaging_consent WHERE address_hash IS NOT NULL
    ORDER BY address_hash, category, id DESC
), barred AS MATERIALIZED (
    SELECT DISTINCT ON (address_hash, scope) address_hash, scope, reason
    FROM messaging_suppression WHERE lifted_at IS NULL
), looked AS (
    SELECT mail.id, person.is_gone, person.email_norm, person.is_staff,
        person.has_ground, mail.category, mail.is_held_out,
        coalesce(every.reason, one.reason) AS barred,
        CASE WHEN there.id IS NULL OR (there.granted AND NOT there.for_address)
             THEN own.granted
             WHEN NOT there.granted OR own.id IS NULL OR own.id < there.id
             THEN there.granted ELSE own.granted END AS said
    FROM forecast_mail mail JOIN forecast_person person ON person.id = mail.customer_id
    LEFT JOIN own ON own.customer_id = person.id AND own.category = mail.category
    LEFT JOIN there ON there.address_hash = person.hash
        AND there.category = mail.category
    LEFT JOIN barred every ON every.address_hash = person.hash
        AND every.scope = 'all' AND NOT (mail.category = 'transactional'
            AND every.reason IN ('complaint', 'erased'))
    LEFT JOIN barred one ON one.address_hash = person.hash
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
    FROM forecast_spent spent
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
_COUNTRIES = SQL("""
SELECT country FROM forecast_person WHERE country <> '' GROUP BY country
ORDER BY count(*) DESC, country LIMIT %s
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
    address_key: bytes
    # Class of mail to the shop's basis for it.
    bases: dict[str, str]
    # Reason of a suppression to the code of a refusal.
    codes: dict[str, str]
    # Versions of the preference page whose yes was for one record.
    one_record: Sequence[str]
    rules: Sequence[Rule]
    counted_for: timedelta


def look(shop: Shop) -> None:
    """Say of each person whether they are odd or crowded, and of each mail of the
    others whether it is refused."""
    key = shop.address_key.ljust(_SHA_BLOCK, b"\0")
    values: dict[str, Any] = {
        "now": shop.now,
        "since": shop.now - shop.counted_for,
        "inner": bytes(byte ^ 0x36 for byte in key),
        "outer": bytes(byte ^ 0x5C for byte in key),
        "codes": json.dumps(shop.codes),
        "bases": json.dumps(shop.bases),
        "one_record": list(shop.one_record),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE pg_temp.forecast_mail")
        cursor.execute(_PERSONS, values)
        cursor.execute("ANALYZE pg_temp.forecast_person")
        for statement in (_SPENT, _TWINS, _REFUSALS):
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
    """Mails to those who would get more than a limit lets through, and are not odd: of
    those who fare alike (forecast_patterns.py), to one."""
    return _rows(SQL("person.id IN (SELECT like_id FROM forecast_pattern)"))


def countries(most: int) -> list[str]:
    """Where the people are: the countries of most of them."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTRIES, [most])
        return [country for (country,) in cursor.fetchall()]


def _rows(which: SQL) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(_OF.format(which=which))
        return [Row(*row) for row in cursor.fetchall()]
