"""Who is looked at: one of each number (forecast_everybody.py), but for the numbers
that a forecast of the same settings has looked at.

Tables of the transaction: `forecast_person` has a row for each of them,
`forecast_reused` the other numbers.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import SQL, Literal

from messaging.kinds import Due
from messaging.sql.due import statement_of
from messaging.sql.forecast_everybody import run

# What becomes of a number hangs on nothing else but settings, unless some mail of it is
# asked again at the next look, or should have gone, or was due before today: it stands
# under today.
_REUSED = SQL("""
CREATE TEMP TABLE forecast_reused ON COMMIT DROP AS
WITH kept AS MATERIALIZED (
    SELECT alike FROM messaging_forecastmail WHERE forecast_id = %(kept)s
    GROUP BY alike HAVING min(moment) > %(now)s AND min(day) >= %(today)s
)
SELECT everybody.alike, count(*) AS people
FROM forecast_everybody everybody JOIN kept ON kept.alike = everybody.alike
WHERE NOT everybody.is_alone
  AND everybody.id NOT IN (SELECT customer_id FROM forecast_mail WHERE is_odd)
GROUP BY everybody.alike
""")
# `forecast_person`: those who are looked at.
_PERSONS = SQL("""
CREATE TEMP TABLE forecast_person ON COMMIT DROP AS
WITH one AS MATERIALIZED (
    SELECT alike, min(id) AS id, count(*) AS people, bool_or(is_alone) AS is_odd
    FROM forecast_everybody everybody
    WHERE NOT EXISTS (
        SELECT FROM forecast_reused reused WHERE reused.alike = everybody.alike)
    GROUP BY alike
)
SELECT one.*, c.email_norm, c.time_zone, c.country,
    c.merged_into_id IS NOT NULL OR c.erased_at IS NOT NULL AS is_gone,
    c.first_order_on IS NOT NULL OR c.mail_ground <> '' AS has_ground,
    c.email_norm IN (SELECT email FROM crm_user WHERE is_active) AS is_staff,
    false AS is_crowded
FROM one JOIN crm_customer c ON c.id = one.id
""")
_ONLY_THEIRS = SQL("""
CREATE TEMP TABLE forecast_theirs ON COMMIT DROP AS
SELECT mail.* FROM forecast_mail mail
JOIN forecast_person person ON person.id = mail.customer_id;
TRUNCATE forecast_mail;
INSERT INTO forecast_mail OVERRIDING SYSTEM VALUE SELECT * FROM forecast_theirs;
DROP TABLE forecast_theirs
""")


# By their ids and not by a join: they are then asked for before the kind looks for what
# each is due, where its statement lets them.
_OF_CHOSEN = SQL("""
SELECT due.* FROM ({due}) due (customer_id, occurrence, due_on, why)
WHERE due.customer_id = ANY({chosen}::bigint[])
""")


def choose(*, kept: int | None, now: datetime, today: date) -> None:
    """Leave in `forecast_mail` the mails of one of each number, but for the numbers of
    `kept`, a forecast of the same settings (None: there is none)."""
    run(_REUSED, values={"kept": kept, "now": now, "today": today})
    run(SQL("ANALYZE pg_temp.forecast_reused"), _PERSONS)
    run(SQL("ANALYZE pg_temp.forecast_person"), _ONLY_THEIRS)


def chosen() -> list[int]:
    """Ids of those who are looked at."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM forecast_person")
        return [pk for (pk,) in cursor.fetchall()]


def of_chosen(
    due: QuerySet[Any, dict[str, Any]] | Due, customers: Sequence[int]
) -> Due:
    """The same who are due, of these alone."""
    sql, params = statement_of(due)
    ids = Literal(list(customers))
    return Due(_OF_CHOSEN.format(due=SQL(sql), chosen=ids).as_string(None), params)
