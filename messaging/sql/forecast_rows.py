"""What a forecast found: from the tables of its transaction to those that stay."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection
from psycopg.sql import SQL

from crm.sql import staging
from messaging.sql.forecast import OUTCOMES

Outcome = tuple[int, str, str, datetime | None, date | None]
_COLUMNS = ("mail_id", "verdict", "code", "goes_at", "goes_on")
_FORGET = SQL("""
DELETE FROM messaging_forecastday WHERE forecast_id = %(forecast)s;
DELETE FROM messaging_forecastperson WHERE forecast_id = %(forecast)s
""")
# Who waits for a place goes on its day, if nothing else kept them until later.
# The way through an automation ends with the first step that does not go: no later one
# follows. Of the mails of others, those that lose: what went as things stand, and then
# would not, or later.
_KEEP = SQL("""
WITH decided AS (
    SELECT mail.*, greatest(mail.due_on, %(today)s) AS day,
        coalesce(nullif(outcome.verdict, ''),
            CASE WHEN mail.refusal = '' THEN 'goes' ELSE 'refused' END) AS verdict,
        coalesce(outcome.code, mail.refusal) AS code,
        CASE WHEN outcome.mail_id IS NOT NULL THEN outcome.goes_at
             WHEN mail.refusal = '' THEN mail.moment END AS goes_at,
        CASE WHEN outcome.mail_id IS NOT NULL THEN outcome.goes_on
             WHEN mail.refusal = '' THEN greatest(mail.due_on, %(today)s) END AS goes_on
    FROM forecast_mail mail
    LEFT JOIN forecast_outcome outcome ON outcome.mail_id = mail.id
), late AS (
    SELECT *, place_code <> '' AND verdict IN ('goes', 'waits')
        AND coalesce(place_on > goes_on, true) AS is_late
    FROM decided
), found AS (
    SELECT automation_id, customer_id, occurrence, category, chain, step, kept_id, day,
        moment, expires_at,
        CASE WHEN NOT is_late THEN verdict WHEN place_on IS NULL THEN 'lapses'
             ELSE 'waits' END AS verdict,
        CASE WHEN is_late THEN place_code ELSE code END AS code,
        CASE WHEN is_late THEN goes_at + make_interval(days => place_on - goes_on)
             ELSE goes_at END AS goes_at,
        CASE WHEN is_late THEN place_on ELSE goes_on END AS goes_on
    FROM late
), ended AS (
    SELECT automation_id, customer_id, chain, min(step) AS step FROM found
    WHERE chain <> '' AND verdict NOT IN ('goes', 'waits')
    GROUP BY automation_id, customer_id, chain
)
INSERT INTO messaging_forecastperson (forecast_id, automation_id, customer_id,
    occurrence, category, day, moment, expires_at, verdict, reason_code, goes_at,
    goes_on)
SELECT %(forecast)s, automation_id, customer_id, occurrence, category, day, moment,
    expires_at, verdict, code, goes_at, goes_on
FROM found
LEFT JOIN ended USING (automation_id, customer_id, chain)
WHERE (ended.step IS NULL OR found.step <= ended.step)
  AND (kept_id IS NULL OR EXISTS (
    SELECT FROM messaging_forecastperson kept
    WHERE kept.id = kept_id AND kept.verdict IN ('goes', 'waits')
      AND (found.verdict NOT IN ('goes', 'waits') OR found.goes_at > kept.goes_at)))
ORDER BY automation_id, verdict, day
""")
_SUM_UP = SQL("""
INSERT INTO messaging_forecastday
    (forecast_id, automation_id, day, verdict, reason_code, goes_on, mails)
SELECT forecast_id, automation_id, day, verdict, reason_code, goes_on, count(*)
FROM messaging_forecastperson WHERE forecast_id = %(forecast)s
GROUP BY 1, 2, 3, 4, 5, 6
""")


def write_outcomes(rows: Iterable[Outcome]) -> None:
    """(mail, verdict, code, when it goes, on which day of the customer)."""
    statement = staging.copy_into(OUTCOMES, _COLUMNS)
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE pg_temp.forecast_outcome")


def keep(forecast: int, *, today: date) -> None:
    """Replace the rows of this forecast by what was found now."""
    values: dict[str, Any] = {"forecast": forecast, "today": today}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, values)
        cursor.execute(_KEEP, values)
        cursor.execute(_SUM_UP, values)
