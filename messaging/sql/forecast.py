"""The mails of the days ahead, gathered into a table of the transaction.

What is due comes from the statement that planning plans with, so that both find the
same people at the same moments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from django.db import connection
from psycopg.sql import SQL, Composable, Literal

from crm.sql import staging
from messaging.kinds import Due
from messaging.rules.resting import Shut
from messaging.sql import forecast_by_day, forecast_everybody, resting
from messaging.sql.due import CLOCK, Found, named
from messaging.sql.holdout import DRAWN

MAILS: LiteralString = "forecast_mail"
OUTCOMES = "forecast_outcome"
_TABLES = (
    staging.temporary(
        MAILS,
        "id bigint GENERATED ALWAYS AS IDENTITY, automation_id bigint,"
        " customer_id bigint, kind text, occurrence text, category text,"
        " is_reminder bool, rank int, due_on date, moment timestamptz,"
        " expires_at timestamptz, is_odd bool, is_held_out bool NOT NULL DEFAULT false,"
        " kept_id bigint, chain text NOT NULL DEFAULT '',"
        " step smallint NOT NULL DEFAULT 1,"
        " refusal text NOT NULL DEFAULT '', place_code text NOT NULL DEFAULT '',"
        " place_on date",
    ),
    staging.temporary(
        OUTCOMES,
        "mail_id bigint, decision text, code text, goes_at timestamptz, goes_on date",
    ),
)
_EMPTY = SQL(
    "DROP TABLE IF EXISTS pg_temp.forecast_person;"
    " TRUNCATE pg_temp.forecast_mail, pg_temp.forecast_outcome"
)
# What planning would write: nothing for whom there is a message already.
_VALUES: dict[str, Composable] = {
    "automation_id": SQL("%(automation)s"),
    "customer_id": SQL("found.customer_id"),
    "kind": SQL("%(kind)s"),
    "occurrence": SQL("found.occurrence"),
    "category": SQL("%(category)s"),
    "is_reminder": SQL("%(is_reminder)s"),
    "rank": SQL("%(priority)s"),
    "due_on": SQL("CASE WHEN {} THEN rest.goes_on ELSE found.due_on END").format(
        resting.IS_MOVED.format(moment=SQL("found.moment"))
    ),
    "moment": resting.goes_at(SQL("found.moment")),
    "expires_at": SQL("found.moment + make_interval(hours => %(life)s)"),
    # Due on a day on which it may not go, and with no other in time.
    "is_odd": SQL("""%(is_odd)s OR (rest.day IS NOT NULL AND NOT coalesce({}, false))
        OR EXISTS (
            SELECT FROM unnest(%(shut_countries)s::text[], %(shut_days)s::date[])
                shut (country, day)
            WHERE shut.country = found.country AND shut.day = found.due_on)""").format(
        resting.IS_MOVED.format(moment=SQL("found.moment"))
    ),
    "is_held_out": SQL("coalesce({}, false)").format(DRAWN),
}
# The first of several steps begins a chain, which has its occurrence.
_BEGINS: dict[str, Composable] = {"chain": SQL("found.occurrence")}
# The lot was drawn with the first mail.
_FOLLOWS: dict[str, Composable] = {
    "chain": SQL("found.why::jsonb ->> 'chain'"),
    "step": SQL("(found.why::jsonb ->> 'step')::int"),
    "is_held_out": SQL("false"),
}
_ROWS = SQL("""(
    SELECT listed.customer_id, %(prefix)s || listed.occurrence::text AS occurrence,
           listed.due_on, listed.moment, listed.country, listed.class, listed.why
    FROM {listed} listed
    WHERE listed.due_on <= %(last_on)s AND NOT EXISTS (
        SELECT FROM messaging_message message
        WHERE message.kind = %(kind)s AND message.customer_id = listed.customer_id
          AND message.occurrence = %(prefix)s || listed.occurrence::text
          AND NOT (message.state = 'superseded'))
) found""")
_EACH = SQL("timely")
_FIRST = SQL("""(
    SELECT DISTINCT ON (customer_id) * FROM timely
    ORDER BY customer_id, moment, occurrence
)""")
# One mail for all that a person is to be told on one day. What falls due while such a
# mail waits is told with it or a day after it; here it counts on its own day.
_BY_DAY = SQL("""(
    SELECT customer_id, due_on, country, class, min(moment) AS moment,
           min(occurrence) AS occurrence, NULL AS why
    FROM timely GROUP BY customer_id, due_on, country, class
)""")
# Those that wait already are asked at the next look, whenever that is. OFFSET 0: each
# customer is looked up by key, as in due.py.
_PLANNED = SQL("""
WITH {clock},{rest}, placed AS MATERIALIZED (
    SELECT message.*, coalesce(zone.class, %(fallback)s) AS class, {country} AS country
    FROM messaging_message message
    CROSS JOIN LATERAL (
        SELECT time_zone, country FROM crm_customer
        WHERE id = message.customer_id OFFSET 0
    ) customer
    LEFT JOIN zone ON zone.name = customer.time_zone
    WHERE message.automation_id = %(automation)s AND message.state = 'planned'
)
INSERT INTO forecast_mail (automation_id, customer_id, kind, occurrence, category,
    is_reminder, rank, due_on, moment, expires_at, is_odd, is_held_out, chain, step)
SELECT placed.automation_id, placed.customer_id, kind, placed.occurrence, category,
    is_reminder, priority,
    CASE WHEN rested.moment = not_before THEN rest.goes_on ELSE due_on END, not_before,
    expires_at,
    %(is_odd)s OR deferred_reason <> '' OR attempts > 0 OR not_before <= %(now)s
        OR (rest.day IS NOT NULL AND rested.moment IS DISTINCT FROM not_before)
        OR EXISTS (
            SELECT FROM unnest(%(shut_countries)s::text[], %(shut_days)s::date[])
                shut (country, day)
            WHERE shut.country = placed.country AND shut.day = placed.due_on),
    coalesce(in_holdout, false), coalesce(run.occurrence, ''), placed.step
FROM placed LEFT JOIN messaging_run run ON run.id = placed.run_id AND run.state = 'open'
{rested}
""")
# What their kinds will say at the claim, as far as it is known.
_ASKED: LiteralString = """
WITH mail AS (
    SELECT id, automation_id, customer_id, due_on, moment, kind, occurrence, step,
           category, expires_at
    FROM forecast_mail WHERE refusal = '' {only}
)"""
_REFUSE = SQL(
    _ASKED
    + """, refused (id, code) AS ({found})
UPDATE forecast_mail mail SET refusal = refused.code
FROM refused WHERE refused.id = mail.id
"""
)
_PUT_OFF = SQL(
    _ASKED
    + """, later (id, code, place_on) AS ({found})
UPDATE forecast_mail mail SET place_code = later.code, place_on = later.place_on
FROM later WHERE later.id = mail.id
"""
)


def begin() -> None:
    """Empty tables for one forecast."""
    with connection.cursor() as cursor:
        tables = (*_TABLES, *forecast_everybody.TABLES, forecast_by_day.TABLE)
        for table in tables:
            cursor.execute(table)
        cursor.execute(_EMPTY)
        cursor.execute(forecast_everybody.EMPTY)
        cursor.execute(forecast_by_day.EMPTY)


@dataclass(frozen=True)
class Odd:
    """Which mails of an automation go at another moment than that of planning.

    `is_always`: its hour is in the quiet hours. `days`: on these days nothing goes, and
    no other day is in time.
    """

    is_always: bool
    days: Shut

    def parameters(self) -> dict[str, Any]:
        """What the statements ask for."""
        return {
            "is_odd": self.is_always,
            "shut_countries": self.days.countries,
            "shut_days": self.days.days,
        }


def add_due(
    found: Found,
    *,
    gathers: bool,
    only_first: bool,
    has_runs: bool,
    odd: Odd,
    last_on: date,
) -> None:
    """The mails of one automation that no message is planned for yet. `only_first`: of
    several to one customer; `has_runs`: steps follow."""
    listed = _BY_DAY if gathers else _FIRST if only_first else _EACH
    values = _VALUES | _BEGINS if has_runs else _VALUES
    _insert(found, values, listed, {**odd.parameters(), "last_on": last_on})


def add_following(found: Found, *, odd: Odd, last_on: date) -> None:
    """Later steps, found by `forecast_steps.following`."""
    named = {**odd.parameters(), "last_on": last_on, "prefix": ""}
    _insert(found, _VALUES | _FOLLOWS, _EACH, named)


def _insert(
    found: Found,
    values: Mapping[str, Composable],
    listed: Composable,
    params: Mapping[str, Any],
) -> None:
    rows = _ROWS.format(listed=listed)
    with connection.cursor() as cursor:
        cursor.execute(
            found.insert(MAILS, values, rows=rows), {**found.params, **params}
        )


def add_planned(times: dict[str, Any], *, odd: Odd, now: datetime) -> None:
    """The messages of one automation that wait; `times`: see `due.times_of`."""
    statement = _PLANNED.format(
        clock=CLOCK,
        rest=resting.TABLE,
        country=resting.COUNTRY,
        rested=resting.joins(SQL("placed"), moves_json=times["moves"]),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {**times, **odd.parameters(), "now": now})


def refuse(automation: int, refused: Due | None) -> None:
    """Note of the mails of an automation gathered so far which its kind will not
    send."""
    # Joined first and left out afterwards, those of all others took most of the time.
    _note(_REFUSE, refused, SQL("AND automation_id = {}").format(Literal(automation)))


def put_off(later: Due | None) -> None:
    """Note of those that are not refused which of them wait for a place."""
    _note(_PUT_OFF, later, SQL(""))


def _note(statement: SQL, found: Due | None, only: Composable) -> None:
    if found is None:
        return
    asked = named(found.sql, found.params)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(found=SQL(asked.sql), only=only), asked.params)
