"""When mail that is due goes: days that an automation leaves out, as a table to join.

Whoever lists people with `country`, `class`, `due_on` and `moment` (the hour of the day
on which they are due) joins `JOINS` and reads `GOES_AT`; the statement begins with
`TABLE` beside the clock, which must reach to `last_on()`.
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

# Days that are not allowed in a country, each with the next one that is.
TABLE = SQL("""
rest (country, day, goes_on) AS MATERIALIZED (
    SELECT * FROM unnest(
        %(rest_countries)s::text[], %(rest_days)s::date[], %(rest_goes_on)s::date[])
)""")
# As days_off.country_of() has it.
COUNTRY = SQL("""CASE WHEN customer.country = ANY(%(countries)s::text[])
                THEN customer.country ELSE %(country)s END""")
_JOINS = SQL("""
LEFT JOIN rest ON rest.country = {due}.country AND rest.day = {due}.due_on
LEFT JOIN clock rested ON rested.class = {due}.class AND rested.day = rest.goes_on
""")
# As AllowedDays.goes_at() has it.
IS_MOVED = SQL(
    "rested.moment < {moment} + make_interval(hours => %(life)s) - %(last_look)s"
)
_GOES_AT = SQL("CASE WHEN {is_moved} THEN rested.moment ELSE {moment} END")


def joins(due: Composable) -> Composable:
    """The joins for rows named `due`."""
    return _JOINS.format(due=due)


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
        "rest_countries": found.countries,
        "rest_days": found.days,
        "rest_goes_on": found.goes_on,
        "countries": sorted(COUNTRIES) if by_country else [],
        "country": days_off.country_of("", business.country) if by_country else "",
        "last_look": LAST_LOOK,
    }
