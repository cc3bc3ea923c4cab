"""People to whom the same will happen, so that one of them is looked at for all.

What becomes of somebody's mails depends on the mails, on their zone and country, on
what they and others chose for their address, and on what went before. All of that is
hashed into one number (`alike`), which a forecast keeps of each person. Whoever shares
an address or is on hold has a number of their own.

Tables of the transaction: `forecast_everybody` has a row for each person,
`forecast_word`, `forecast_barred` and `forecast_spent` what is known of a few. A mail
that goes to everybody on one day, or about which all hangs on its day and the person
(forecast_by_day.py), is in `forecast_mail` only for those who are looked at
(forecast_chosen.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composable, Literal

from crm.sql import staging

_SHA_BLOCK = 64
TABLES = (
    staging.temporary("forecast_whom", "id bigint, mails int, alike numeric"),
    staging.temporary(
        "forecast_fact",
        "customer_id bigint, fact bigint, is_alone bool NOT NULL DEFAULT false",
    ),
)
EMPTY = SQL(
    "DROP TABLE IF EXISTS pg_temp.forecast_everybody, pg_temp.forecast_word,"
    " pg_temp.forecast_barred, pg_temp.forecast_recent, pg_temp.forecast_spent,"
    " pg_temp.forecast_reused;"
    " TRUNCATE pg_temp.forecast_whom, pg_temp.forecast_fact"
)
# The hash of a row is linear in those of its columns: a plain sum does not tell
# "thanked on Monday, asked on Friday" from the other way round.
_TO_WHOM = SQL("""
INSERT INTO forecast_whom
SELECT customer_id, count(*), sum(fact # hashint8extended(fact, 0)) FROM (
    SELECT customer_id, hash_record_extended(ROW(automation_id, category, is_reminder,
        rank, due_on, moment, expires_at, is_odd, is_held_out, step, refusal,
        place_code, place_on), 0) AS fact
    FROM forecast_mail
    UNION ALL
    SELECT customer_id, fact FROM forecast_due
) mail GROUP BY customer_id
""")
# Whoever shares an address with one of them.
_SHARING = SQL("""
INSERT INTO forecast_whom (id)
SELECT id FROM (
    SELECT other.id FROM forecast_whom whom
    JOIN crm_customer one ON one.id = whom.id AND one.email_norm <> ''
    JOIN crm_customer other ON other.email_norm = one.email_norm
    UNION
    SELECT a.customer_id FROM forecast_whom whom
    JOIN crm_customer one ON one.id = whom.id AND one.email_norm <> ''
    JOIN crm_customeraddress a ON a.kind = 'email' AND a.norm = one.email_norm
    UNION
    SELECT other.id FROM forecast_whom whom
    JOIN crm_customeraddress a ON a.customer_id = whom.id AND a.kind = 'email'
    JOIN crm_customer other ON other.email_norm = a.norm
) sharing
WHERE NOT EXISTS (SELECT FROM forecast_whom known WHERE known.id = sharing.id)
""")
_THESE = SQL("JOIN forecast_whom whom ON whom.id = c.id")
_ALL = SQL("""LEFT JOIN forecast_whom whom ON whom.id = c.id
WHERE whom.id IS NOT NULL OR (c.merged_into_id IS NULL AND c.erased_at IS NULL)""")
# HMAC-SHA256 as in crm.services.keyed_hashes: the key is padded there.
_EVERYBODY = SQL("""
CREATE TEMP TABLE forecast_everybody ON COMMIT DROP AS
WITH staff AS MATERIALIZED (
    SELECT email FROM crm_user WHERE is_active
)
SELECT c.id,
    CASE WHEN c.email_norm = '' THEN ''::bytea
         ELSE sha256(%(outer)s::bytea || sha256(
            %(inner)s::bytea || convert_to(c.email_norm, 'UTF8'))) END AS hash,
    hash_record_extended(ROW(c.time_zone, c.country, c.email_norm = '',
        c.merged_into_id IS NOT NULL OR c.erased_at IS NOT NULL,
        c.first_order_on IS NOT NULL OR c.mail_ground <> '',
        c.email_norm IN (SELECT email FROM staff), concat_ws({reached}),
        whom.mails, whom.alike), 0) AS alike,
    false AS is_alone
FROM crm_customer c {whom}
""")
_WORDS = SQL("""
CREATE TEMP TABLE forecast_word ON COMMIT DROP AS
WITH own AS (
    SELECT DISTINCT ON (customer_id, category) customer_id, category, id, granted
    FROM messaging_consent ORDER BY customer_id, category, id DESC
), there AS (
    SELECT DISTINCT ON (address_hash, category) address_hash, category, id, granted,
        granted AND wording_version <> ALL(%(one_record)s::text[]) AS for_address
    FROM messaging_consent WHERE address_hash IS NOT NULL
    ORDER BY address_hash, category, id DESC
), theirs AS (
    SELECT everybody.id AS customer_id, category, there.id, granted, for_address
    FROM there JOIN forecast_everybody everybody
        ON everybody.hash = there.address_hash
), heard AS (
    SELECT customer_id, category,
        CASE WHEN theirs.id IS NULL OR (theirs.granted AND NOT theirs.for_address)
             THEN own.granted
             WHEN NOT theirs.granted OR own.id IS NULL OR own.id < theirs.id
             THEN theirs.granted ELSE own.granted END AS said
    FROM own FULL JOIN theirs USING (customer_id, category)
)
SELECT customer_id, category, said FROM heard WHERE said IS NOT NULL
""")
_BARRED = SQL("""
CREATE TEMP TABLE forecast_barred ON COMMIT DROP AS
SELECT DISTINCT ON (everybody.id, scope) everybody.id AS customer_id, scope, reason
FROM messaging_suppression barred
JOIN forecast_everybody everybody ON everybody.hash = barred.address_hash
WHERE lifted_at IS NULL
""")
# Sent ones by the index on their end, which is no earlier than when they were counted.
# To the quarter of an hour behind: no two are equal to the microsecond.
_RECENT = SQL("""
CREATE TEMP TABLE forecast_recent ON COMMIT DROP AS
    SELECT id, customer_id, address_hash, category, is_reminder, counted_at
    FROM messaging_message
    WHERE state IN ('sent', 'uncertain') AND final_at IS NOT NULL
      AND final_at > %(since)s AND counted_at > %(since)s
      AND customer_id IS NOT NULL
    UNION ALL
    SELECT id, customer_id, address_hash, category, is_reminder, counted_at
    FROM messaging_message
    WHERE state IN ('claimed', 'handed') AND counted_at > %(since)s
      AND customer_id IS NOT NULL;
ANALYZE pg_temp.forecast_recent
""")
_SPENT = SQL("""
CREATE TEMP TABLE forecast_spent ON COMMIT DROP AS
WITH theirs AS (
    SELECT everybody.id AS of, recent.*
    FROM forecast_recent recent JOIN forecast_everybody everybody
        ON everybody.id = recent.customer_id
    UNION
    SELECT everybody.id, recent.*
    FROM forecast_recent recent JOIN forecast_everybody everybody
        ON everybody.hash = recent.address_hash
)
SELECT of AS customer_id, customer_id AS sender_id, category, is_reminder,
    date_bin('15 minutes', counted_at + interval '14 minutes 59.999999 seconds',
        timestamptz '2000-01-01 00:00Z') AS counted_at
FROM theirs
""")
# Another record's mail of a kind keeps theirs back for a day.
_ALONE = SQL("""
WITH seconds AS MATERIALIZED (
    SELECT customer_id, norm FROM crm_customeraddress WHERE kind = 'email'
), held AS MATERIALIZED (
    SELECT customer_id, address_hash FROM messaging_hold
    WHERE released_at IS NULL AND (until IS NULL OR until > %(now)s)
)
INSERT INTO forecast_fact (customer_id, is_alone)
SELECT customer_id, true FROM seconds
UNION
SELECT c.id, true FROM seconds JOIN crm_customer c ON c.email_norm = seconds.norm
UNION
SELECT customer_id, true FROM held WHERE customer_id IS NOT NULL
UNION
SELECT everybody.id, true FROM held
JOIN forecast_everybody everybody ON everybody.hash = held.address_hash
UNION
SELECT everybody.id, true FROM forecast_everybody everybody JOIN (
    SELECT hash FROM forecast_everybody WHERE hash <> ''
    GROUP BY hash HAVING count(*) > 1) shared ON shared.hash = everybody.hash
UNION
SELECT customer_id, true FROM forecast_spent
WHERE sender_id <> customer_id AND counted_at > %(now)s - interval '1 day'
""")
_DONE = SQL("""
INSERT INTO forecast_fact (customer_id, fact)
SELECT customer_id, hash_record_extended(ROW(kind, occurrence), 0)
FROM messaging_message
WHERE kind = %(kind)s AND occurrence = ANY(%(occurrences)s::text[])
  AND customer_id IS NOT NULL AND NOT (state = 'superseded')
""")
_KNOWN = SQL("""
WITH known AS (
    SELECT customer_id, sum(fact # hashint8extended(fact, 0)) AS facts,
        count(*) AS many,
        bool_or(is_alone) AS is_alone
    FROM (
        SELECT customer_id, fact, is_alone FROM forecast_fact
        UNION ALL
        SELECT customer_id, hash_record_extended(ROW(category, said), 1), false
        FROM forecast_word
        UNION ALL
        SELECT customer_id, hash_record_extended(ROW(scope, reason), 2), false
        FROM forecast_barred
        UNION ALL
        SELECT customer_id,
            hash_record_extended(ROW(category, is_reminder, counted_at), 3), false
        FROM forecast_spent
    ) fact GROUP BY customer_id
)
UPDATE forecast_everybody everybody SET is_alone = known.is_alone,
    alike = hash_record_extended(ROW(alike::numeric, many, facts,
        CASE WHEN known.is_alone THEN everybody.id END), 0)
FROM known WHERE known.customer_id = everybody.id
""")


@dataclass(frozen=True)
class ToAll:
    """A mail of an automation to everybody, on these `days`. `reached`: `AND ...` on
    `c.id`, where not to all of them; `occurrences`: whoever has a message of them gets
    none."""

    automation: int
    kind: str
    occurrences: Sequence[str]
    reached: Composable
    days: Sequence[date]


@dataclass(frozen=True)
class Known:
    """What else the numbers rest on. `one_record`: versions of the preference page
    whose yes was for one record."""

    now: datetime
    address_key: bytes
    one_record: Sequence[str]
    counted_for: timedelta


def note(*, sharing: bool) -> None:
    """Note who has a mail in `forecast_mail` or `forecast_due`; `sharing`: and whoever
    shares an address with one of them."""
    run(_TO_WHOM, SQL("ANALYZE pg_temp.forecast_whom"))
    if sharing:
        run(_SHARING)


def read(to_all: Sequence[ToAll], known: Known) -> None:
    """Read all who were noted, or everybody where a mail goes to all, and what is known
    of them beside their mails."""
    key = known.address_key.ljust(_SHA_BLOCK, b"\0")
    values: dict[str, Any] = {
        "now": known.now,
        "since": known.now - known.counted_for,
        "inner": bytes(byte ^ 0x36 for byte in key),
        "outer": bytes(byte ^ 0x5C for byte in key),
        "one_record": list(known.one_record),
    }
    # Nothing of what does not reach somebody: a feast that comes into sight is news to
    # its audience alone.
    reached = [
        SQL("CASE WHEN true {} THEN {} END").format(
            each.reached,
            Literal(f"{each.automation}: {', '.join(map(str, each.days))}"),
        )
        for each in to_all
    ]
    everybody = _EVERYBODY.format(
        reached=SQL(", ").join([SQL("'; ', NULL::text"), *reached]),
        whom=_ALL if to_all else _THESE,
    )
    run(everybody, SQL("ANALYZE pg_temp.forecast_everybody"), values=values)
    run(_WORDS, _BARRED, _RECENT, _SPENT, _ALONE, values=values)
    for each in to_all:
        run(_DONE, values={"kind": each.kind, "occurrences": list(each.occurrences)})


def number() -> None:
    """Give all who were read the number of those with the same outcome."""
    run(SQL("ANALYZE pg_temp.forecast_fact"), _KNOWN)


def run(*statements: Composable, values: dict[str, Any] | None = None) -> None:
    """One after the other, each with these values."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)
