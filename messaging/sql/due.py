"""Everybody whom an automation finds due in a window, with the moment of each.

Planning writes messages from this statement, and the forecast its mails.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import count
from typing import Any, LiteralString

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from psycopg.sql import SQL, Composable, Composed, Identifier

from crm.models import Business
from crm.rules.choices import ConsentBasis
from messaging import kinds
from messaging.kinds import Due, Kind, Window
from messaging.models import Automation
from messaging.rules.choices import Category
from messaging.rules.clock import sending_clock
from messaging.sql import resting
from messaging.sql.reach import Reach, of_audience, within

_PLACEHOLDER = re.compile("%[%s]")

# Zones of customers, and the moment of the sending hour per class of zones and day.
CLOCK = SQL("""
zone (name, class) AS MATERIALIZED (
    SELECT * FROM unnest(%(zones)s::text[], %(zone_classes)s::int[])
),
clock (class, day, moment) AS MATERIALIZED (
    SELECT * FROM unnest(
        %(classes)s::int[], %(days)s::date[], %(moments)s::timestamptz[])
)""")

# `whom` and `placed` are worked out first and each by itself: joined in one go, the
# planner reads every zone anew for each customer. OFFSET 0 has each customer looked up
# by key: what a kind asks is hard to estimate, and to read all customers there are
# costs more than to look up those who are due. Moments are looked up and not joined:
# the planner takes those of a window for one, and looks at all who are due again for
# each.
_FOUND = SQL("""
WITH {clock},{rest}, due (customer_id, occurrence, due_on, why) AS ({due}),
whom AS MATERIALIZED (
    SELECT due.*, customer.time_zone, {country} AS country,
           CASE WHEN customer.language = ANY(%(languages)s::text[])
                THEN customer.language ELSE %(language)s END AS language
    FROM due
    CROSS JOIN LATERAL (
        SELECT time_zone, language, country FROM crm_customer
        WHERE id = due.customer_id AND merged_into_id IS NULL AND erased_at IS NULL
        {ground} OFFSET 0
    ) customer{unplanned}
),
placed AS MATERIALIZED (
    SELECT zoned.*, {moment} AS moment
    FROM (
        SELECT whom.*, coalesce(zone.class, %(fallback)s) AS class
        FROM whom LEFT JOIN zone ON zone.name = whom.time_zone
        WHERE whom.due_on BETWEEN %(first_on)s AND %(last_on)s
    ) zoned
),
timely AS (
    SELECT * FROM placed
    WHERE moment > %(after)s AND moment <= %(until)s{reach}
)
INSERT INTO {table} ({columns})
SELECT {values}
FROM {found}{rested}
""")
# Those whom the claim would refuse for want of a ground are not planned: once the shop
# says one, nothing they may get is taken yet. A yes of their own is a ground too;
# whether a later no follows is for the claim.
_GROUND = SQL("""
        AND (first_order_on IS NOT NULL OR mail_ground <> '' OR EXISTS (
            SELECT FROM messaging_consent word
            WHERE word.customer_id = due.customer_id
              AND word.category = %(category)s AND word.granted
        ) OR (email_norm <> '' AND EXISTS (
            SELECT FROM crm_customer other
            JOIN messaging_consent word ON word.customer_id = other.id
            WHERE other.email_norm = crm_customer.email_norm
              AND word.category = %(category)s AND word.granted
        )))
""")
# A sweep that looks at days again leaves those at once of whom it planned before: what
# is written twice is refused, but to reckon moments and days of rest for it costs most
# of what the first one did. OFFSET 0 has each looked up by key: between two statements
# of one sweep nothing has counted what the first one wrote, and a join would compare
# all of that with everybody.
_UNPLANNED = SQL("""
    WHERE NOT EXISTS (
        SELECT FROM messaging_message known
        WHERE known.kind = %(kind)s AND known.customer_id = due.customer_id
          AND known.occurrence = %(prefix)s || due.occurrence::text
          AND NOT (known.state = 'superseded') OFFSET 0
    )""")
_EACH = SQL("timely found")
_FIRST_OF_EACH = SQL("""(
    SELECT DISTINCT ON (customer_id) * FROM timely
    ORDER BY customer_id, moment, occurrence
) found""")
_NO_MORE = SQL("")
# After the cut by moments: the first that is listed is the first that may still go.
_GATHERED = SQL("""(
    SELECT customer_id, language, country, class,
           min(due_on) AS due_on, min(moment) AS moment,
           (array_agg(occurrence ORDER BY due_on, occurrence))[1] AS occurrence,
           jsonb_build_object(
               {name}, jsonb_agg(why::jsonb ORDER BY due_on, occurrence)) AS why
    FROM timely GROUP BY customer_id, language, country, class
) found""")


@dataclass(frozen=True)
class Found:
    """Everybody whom one automation finds due in a window, as a statement to finish."""

    parts: dict[str, Composable]
    params: dict[str, Any]

    def insert(
        self,
        table: LiteralString,
        values: Mapping[str, Composable],
        *,
        rows: Composable | None = None,
    ) -> Composed:
        """Write `values`, expressions of `found`, into these columns of a table.
        `rows`: what `found` is; else as planning gathers them."""
        found = {"found": rows} if rows else {}
        return _FOUND.format(
            **(self.parts | found),
            table=SQL(table),
            columns=SQL(", ").join(map(Identifier, values)),
            values=SQL(", ").join(values.values()),
        )


def found_by(
    kind: Kind,
    automation: Automation,
    window: Window,
    *,
    due: QuerySet[Any, dict[str, Any]] | Due,
    reach: Reach,
    business: Business,
    now: datetime,
    with_ground: bool = True,
    category: Category | None = None,
    begins: Composable = _NO_MORE,
    only_first: bool = False,
    unplanned: bool = False,
) -> Found | None:
    """Those of `due` within reach whose moment is inside the window; None: no one can
    be due. `with_ground` False finds those as well whom the claim would refuse for want
    of a ground. `category`: of the mails, where it is not that of the kind; `begins`:
    one more condition on `placed`; `only_first`: of several for one customer;
    `unplanned`: without those of whom there is a message, where each is a mail of its
    own."""
    try:
        asked = named(*statement_of(due))
    except EmptyResultSet:
        return None
    category = category or kind.category_of(automation)
    asks = with_ground and _asks_for_ground(category, business)
    each = _FIRST_OF_EACH if only_first else _EACH
    times = times_of(automation, window.first_on, window.last_on, business)
    # What is told with others is asked of all of them.
    leaves_out = unplanned and not kind.gathers
    return Found(
        parts={
            "clock": CLOCK,
            "rest": resting.TABLE,
            "country": resting.COUNTRY,
            "due": of_audience(kind, SQL(asked.sql), reach),
            "moment": resting.moment_on(SQL("zoned"), SQL("zoned.due_on")),
            "ground": _GROUND if asks else SQL(""),
            "unplanned": _UNPLANNED if leaves_out else SQL(""),
            "reach": within(
                kind,
                reach,
                customer=SQL("placed.customer_id"),
                moment=SQL("placed.moment"),
            )
            + begins,
            "found": _GATHERED.format(name=kind.gathers) if kind.gathers else each,
            "rested": resting.joins(SQL("found"), moves_json=times["moves"]),
        },
        params={
            **asked.params,
            **times,
            "kind": kind.name,
            "category": category.value,
            "is_reminder": kind.is_reminder,
            "on_uncertain": kind.on_uncertain.value,
            "holdout": automation.holdout_percent,
            "salt": str(automation.holdout_salt),
            "prefix": kind.occurrence_prefix(automation),
            "first_on": window.first_on,
            "last_on": window.last_on,
            "after": window.after,
            "until": window.until,
            "now": now,
        },
    )


def _asks_for_ground(category: Category, business: Business) -> bool:
    bases = {
        Category.SURVEY: business.survey_basis,
        Category.LOYALTY: business.loyalty_basis,
    }
    return bases.get(category) == ConsentBasis.EXISTING


def times_of(
    automation: Automation, first_on: date, last_on: date, business: Business
) -> dict[str, Any]:
    """What statements with the clock and the days of rest ask for, for one automation
    and what is due from first to last."""
    moves = resting.moves_of(automation, first_on, last_on)
    clock = _clock(
        first_on,
        resting.last_day(moves, last_on),
        automation.send_hour,
        business.time_zone,
    )
    return {
        **resting.parameters(automation, moves, business),
        **clock,
        "automation": automation.pk,
        "priority": automation.priority,
        "life": automation.life_days * 24,
        "languages": kinds.get(automation.kind).languages_of(automation),
        "language": business.language,
    }


# Kept as it is sent: to write thousands of moments anew took longer than all else that
# a sweep does outside the database.
@lru_cache(maxsize=32)
def _clock(
    first_on: date, last_on: date, hour: int, fallback: str
) -> Mapping[str, str | int]:
    """What CLOCK asks for, arrays as PostgreSQL reads them."""
    clock = sending_clock(first_on, last_on, hour, fallback)
    return {
        "zones": _array(clock.zones),
        "zone_classes": _array(clock.zone_classes),
        "fallback": clock.fallback_class,
        "classes": _array(clock.classes),
        "days": _array(clock.days),
        "moments": _array(clock.moments),
    }


def _array(values: Iterable[str | int | date]) -> str:
    """No value has a comma, a quote or a brace."""
    return "{" + ",".join(map(str, values)) + "}"


@dataclass(frozen=True)
class Named:
    """Positional parameters of Django's SQL, renamed so that ours can stand beside."""

    sql: str
    params: dict[str, Any]


def statement_of(due: QuerySet[Any, Any] | Due) -> tuple[str, Sequence[Any]]:
    """The SQL of a kind's `due`. Raises EmptyResultSet where no one can be due."""
    if isinstance(due, Due):
        return due.sql, due.params
    return due.query.sql_with_params()


def named(sql: str, params: Sequence[Any]) -> Named:
    """`%s, %s` becomes `%(due_0)s, %(due_1)s`; a literal `%%` stays one."""
    numbers = count()
    renamed = _PLACEHOLDER.sub(
        lambda found: "%%" if found[0] == "%%" else f"%(due_{next(numbers)})s", sql
    )
    return Named(renamed, {f"due_{at}": value for at, value in enumerate(params)})
