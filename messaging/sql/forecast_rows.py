"""What a forecast found: from the tables of its transaction to those that stay."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection
from psycopg.sql import SQL

from crm.sql import staging
from messaging.sql.forecast import OUTCOMES

Outcome = tuple[int, str, str, datetime | None, date | None]
_COLUMNS = ("mail_id", "decision", "code", "goes_at", "goes_on")
_FORGET = SQL("""
DELETE FROM messaging_forecastday WHERE forecast_id = %(forecast)s;
DELETE FROM messaging_forecastmail mail WHERE forecast_id = %(forecast)s
    AND NOT EXISTS (
        SELECT FROM forecast_reused reused WHERE reused.alike = mail.alike);
UPDATE messaging_forecastmail mail SET people = reused.people
FROM forecast_reused reused
WHERE forecast_id = %(forecast)s AND reused.alike = mail.alike
    AND reused.people <> mail.people
""")
# Who waits for a place goes on its day, if nothing else kept them until later.
# The way through an automation ends with the first step that does not go: no later one
# follows. Of the mails of others, those that lose: what went as things stand, and then
# would not, or later.
_KEEP = SQL("""
WITH decided AS (
    SELECT mail.*, person.alike, person.people, greatest(mail.due_on, %(today)s) AS day,
        coalesce(nullif(outcome.decision, ''),
            CASE WHEN mail.refusal = '' THEN 'goes' ELSE 'refused' END) AS decision,
        coalesce(outcome.code, mail.refusal) AS code,
        CASE WHEN outcome.mail_id IS NOT NULL THEN outcome.goes_at
             WHEN mail.refusal = '' THEN mail.moment END AS goes_at,
        CASE WHEN outcome.mail_id IS NOT NULL THEN outcome.goes_on
             WHEN mail.refusal = '' THEN greatest(mail.due_on, %(today)s) END AS goes_on
    FROM forecast_mail mail JOIN forecast_person person ON person.id = mail.customer_id
    LEFT JOIN forecast_outcome outcome ON outcome.mail_id = mail.id
), late AS (
    SELECT *, place_code <> '' AND decision IN ('goes', 'waits')
        AND coalesce(place_on > goes_on, true) AS is_late
    FROM decided
), found AS (
    SELECT alike, people, automation_id, category, chain, step, kept_id, day, moment,
        expires_at,
        CASE WHEN NOT is_late THEN decision WHEN place_on IS NULL THEN 'lapses'
             ELSE 'waits' END AS decision,
        CASE WHEN is_late THEN place_code ELSE code END AS code,
        CASE WHEN is_late THEN goes_at + make_interval(days => place_on - goes_on)
             ELSE goes_at END AS goes_at,
        CASE WHEN is_late THEN place_on ELSE goes_on END AS goes_on
    FROM late
), ended AS (
    SELECT automation_id, alike, chain, min(step) AS step FROM found
    WHERE chain <> '' AND decision NOT IN ('goes', 'waits')
    GROUP BY automation_id, alike, chain
)
INSERT INTO messaging_forecastmail (forecast_id, alike, people, automation_id,
    category, step, day, moment, expires_at, decision, reason_code, goes_at, goes_on)
SELECT %(forecast)s, alike, people, automation_id, category, found.step, day, moment,
    expires_at, decision, code, goes_at, goes_on
FROM found
LEFT JOIN ended USING (automation_id, alike, chain)
WHERE (ended.step IS NULL OR found.step <= ended.step)
  AND (kept_id IS NULL OR EXISTS (
    SELECT FROM messaging_forecastmail kept
    WHERE kept.id = kept_id AND kept.decision IN ('goes', 'waits')
      AND (found.decision NOT IN ('goes', 'waits') OR found.goes_at > kept.goes_at)))
ORDER BY automation_id, decision, day
""")
_SUM_UP = SQL("""
INSERT INTO messaging_forecastday
    (forecast_id, automation_id, day, decision, reason_code, goes_on, mails)
SELECT forecast_id, automation_id, day, decision, reason_code, goes_on, sum(people)
FROM messaging_forecastmail WHERE forecast_id = %(forecast)s
GROUP BY 1, 2, 3, 4, 5, 6
""")
# Most people are where they were an hour ago: only the others are written. Without a
# number: they have no mails any more.
_PEOPLE = SQL("""
CREATE TEMP TABLE forecast_moved ON COMMIT DROP AS
SELECT coalesce(place.id, person.customer_id) AS id, place.alike
FROM (
    SELECT everybody.id, everybody.alike
    FROM forecast_everybody everybody
    JOIN (
        SELECT DISTINCT alike FROM messaging_forecastmail
        WHERE forecast_id = %(forecast)s
    ) mail ON mail.alike = everybody.alike
) place
FULL JOIN (
    SELECT customer_id, alike FROM messaging_forecastperson
    WHERE forecast_id = %(forecast)s
) person ON person.customer_id = place.id
WHERE place.alike IS DISTINCT FROM person.alike;
ANALYZE pg_temp.forecast_moved;
DELETE FROM messaging_forecastperson person USING forecast_moved moved
WHERE person.forecast_id = %(forecast)s AND person.customer_id = moved.id;
INSERT INTO messaging_forecastperson (forecast_id, alike, customer_id)
SELECT %(forecast)s, alike, id FROM forecast_moved
WHERE alike IS NOT NULL ORDER BY alike, id;
DROP TABLE forecast_moved
""")


def write_outcomes(rows: Iterable[Outcome]) -> None:
    """(mail, decision, code, when it goes, on which day of the customer)."""
    statement = staging.copy_into(OUTCOMES, _COLUMNS)
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE pg_temp.forecast_outcome")


def keep(forecast: int, *, today: date) -> None:
    """Replace the rows of this forecast by what was found now, but for those of
    `forecast_reused`."""
    values: dict[str, Any] = {"forecast": forecast, "today": today}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, values)
        cursor.execute(_KEEP, values)
        cursor.execute(_SUM_UP, values)
        cursor.execute(_PEOPLE, values)
