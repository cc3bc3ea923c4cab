"""When mail that is due goes: days that an automation leaves out, to be looked up.

A statement that lists people with `country`, `class`, `due_on` and `moment` (the hour
of the day on which they are due) puts `joins()` behind them and reads `goes_at()`; the
statement has `TABLE` behind the clock, which must reach to `last_day()`.

Looked up and not joined: the planner takes those who are due for one, whatever they
are, and would read all days of all countries anew for each of them.
"""

from datetime import date
from typing import Any

from psycopg.sql import SQL, Composable

from crm.models import Business
from crm.rules import days_off
from messaging.models import Automation
from messaging.rules.life import LAST_LOOK
from messaging.rules.resting import Moves, moves
from web.rules.places import COUNTRIES

# One row. `moves`: "GB2026-12-25" to the day on which it goes instead. `moments`: those
# of the clock, class by class and day by day.
TABLE = SQL("""
lookup (moves, moments, first_on, days) AS MATERIALIZED (
    SELECT %(moves)s::jsonb, array_agg(moment ORDER BY class, day), min(day),
           count(DISTINCT day)::int
    FROM clock
)""")
# As days_off.country_of() has it.
COUNTRY = SQL("""CASE WHEN customer.country = ANY(%(countries)s::text[])
                THEN customer.country ELSE %(country)s END""")
_MOMENT = SQL("""((SELECT moments FROM lookup))[
        {due}.class * (SELECT days FROM lookup)
        + ({day} - (SELECT first_on FROM lookup)) + 1]""")
_JOINS = SQL("""
LEFT JOIN LATERAL (
    SELECT {due}.due_on AS day, ((SELECT moves FROM lookup)
        ->> ({due}.country || to_char({due}.due_on, 'YYYY-MM-DD')))::date AS goes_on
    OFFSET 0
) rest ON rest.goes_on IS NOT NULL
LEFT JOIN LATERAL (SELECT {moment} AS moment OFFSET 0) rested
    ON rest.goes_on IS NOT NULL
""")
# Nothing is moved: the planner leaves all of it out.
_NONE = SQL("""
LEFT JOIN (SELECT NULL::date AS day, NULL::date AS goes_on) rest ON false
LEFT JOIN (SELECT NULL::timestamptz AS moment) rested ON false
""")
_NO_MOVES = "{}"
# As AllowedDays.goes_at() has it.
IS_MOVED = SQL(
    "rested.moment < {moment} + make_interval(hours => %(life)s) - %(last_look)s"
)
_GOES_AT = SQL("CASE WHEN {is_moved} THEN rested.moment ELSE {moment} END")


def joins(due: Composable, *, moves_json: str) -> Composable:
    """What follows rows named `due`: `rest` (the day and the one on which it goes; NULL
    where it goes that day) and `rested` (the moment). `moves_json`:
    what `parameters` says of them."""
    if moves_json == _NO_MOVES:
        return _NONE
    return _JOINS.format(due=due, moment=moment_on(due, SQL("rest.goes_on")))


def moment_on(due: Composable, day: Composable) -> Composable:
    """An expression: the hour of this day for rows named `due` with a `class`. Of a day
    that the clock does not have it is another one's."""
    return _MOMENT.format(due=due, day=day)


def goes_at(moment: Composable) -> Composable:
    """An expression: when that goes which is due at this moment."""
    return _GOES_AT.format(is_moved=IS_MOVED.format(moment=moment), moment=moment)


def moves_of(automation: Automation, first_on: date, last_on: date) -> Moves:
    """What this automation moves of what is due from first to last."""
    return moves(automation.allowed, first_on, last_on, automation.life_days)


def last_day(found: Moves, last_on: date) -> date:
    """The last day on which any of it goes."""
    return max([last_on, *found.goes_on])


def parameters(
    automation: Automation, found: Moves, business: Business
) -> dict[str, Any]:
    """What the pieces above ask for, beside the life in hours."""
    by_country = automation.rests
    return {
        "moves": found.as_json,
        "countries": sorted(COUNTRIES) if by_country else [],
        "country": days_off.country_of("", business.country) if by_country else "",
        "last_look": LAST_LOOK,
    }
