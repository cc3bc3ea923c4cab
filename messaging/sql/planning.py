"""Planning: one INSERT ... SELECT per automation, and one UPDATE when times change."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import SQL, Identifier

from crm.models import Business
from crm.rules.choices import ConsentBasis
from messaging.kinds import Due, Kind, Window
from messaging.models import Automation, Message
from messaging.rules.choices import Category
from messaging.rules.clock import sending_clock
from messaging.rules.send_decision import Code
from messaging.sql import resting
from messaging.sql.holdout import DRAWN
from messaging.sql.reach import Reach, condition

_PLACEHOLDER = re.compile("%[%s]")

# Zones of customers, and the moment of the sending hour per class of zones and day.
_CLOCK = SQL("""
zone (name, class) AS MATERIALIZED (
    SELECT * FROM unnest(%(zones)s::text[], %(zone_classes)s::int[])
),
clock (class, day, moment) AS MATERIALIZED (
    SELECT * FROM unnest(
        %(classes)s::int[], %(days)s::date[], %(moments)s::timestamptz[])
)""")

# `whom` and `placed` are worked out first and each by itself: joined in one go, the
# planner reads every zone anew for each customer, and meets the clock by day alone and
# looks at every class of zones. OFFSET 0 has each customer looked up by key: what a
# kind asks is hard to estimate, and to read all customers there are costs more than to
# look up those who are due.
_PLAN = SQL("""
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
    ) customer
),
placed AS MATERIALIZED (
    SELECT whom.*, coalesce(zone.class, %(fallback)s) AS class
    FROM whom LEFT JOIN zone ON zone.name = whom.time_zone
),
timely AS (
    SELECT placed.*, clock.moment
    FROM placed JOIN clock ON clock.class = placed.class AND clock.day = placed.due_on
    WHERE clock.moment > %(after)s AND clock.moment <= %(until)s{reach}
)
INSERT INTO messaging_message ({columns})
SELECT {values}
FROM {found}{rested}
ON CONFLICT (kind, customer_id, occurrence, user_id, address)
    WHERE NOT (state = 'superseded')
DO NOTHING
RETURNING id
""")
# Whoever the claim would refuse for want of a ground is not planned: once the shop says
# one, nothing they may get is taken yet. A yes of their own is a ground too; whether a
# later no follows is for the claim.
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
_EACH = SQL("timely found")
# After the cut by moments: the first that is listed is the first that may still go.
_GATHERED = SQL("""(
    SELECT customer_id, language, country, class,
           min(due_on) AS due_on, min(moment) AS moment,
           (array_agg(occurrence ORDER BY due_on, occurrence))[1] AS occurrence,
           jsonb_build_object(
               {name}, jsonb_agg(why::jsonb ORDER BY due_on, occurrence)) AS why
    FROM timely GROUP BY customer_id, language, country, class
) found""")

# What planning knows of a new row; every other column takes the model's default.
_VALUES = {
    "customer_id": SQL("found.customer_id"),
    "automation_id": SQL("%(automation)s"),
    "kind": SQL("%(kind)s"),
    "category": SQL("%(category)s"),
    "occurrence": SQL("found.occurrence::text"),
    "is_reminder": SQL("%(is_reminder)s"),
    "priority": SQL("%(priority)s"),
    "why": SQL("found.why::jsonb"),
    "language": SQL("found.language"),
    "due_on": SQL("found.due_on"),
    "not_before": resting.goes_at(SQL("found.moment")),
    "expires_at": SQL("found.moment + make_interval(hours => %(life)s)"),
    "planned_at": SQL("%(now)s"),
    "message_uuid": SQL("gen_random_uuid()"),
    "on_uncertain": SQL("%(on_uncertain)s"),
    "in_holdout": DRAWN,
}

# Rows that wait for a reason of their own (deferred, or tried before) keep their time;
# which days are allowed is looked up anew.
_RETIME = SQL("""
WITH {clock},{rest}, placed AS MATERIALIZED (
    SELECT message.id, message.due_on, coalesce(zone.class, %(fallback)s) AS class,
           {country} AS country,
           CASE WHEN customer.language = ANY(%(languages)s::text[])
                THEN customer.language ELSE %(language)s END AS language
    FROM messaging_message message
    JOIN crm_customer customer ON customer.id = message.customer_id
    LEFT JOIN zone ON zone.name = customer.time_zone
    WHERE message.automation_id = %(automation)s
      AND message.state = 'planned'
      AND message.deferred_reason IN ('', %(day_off)s) AND message.attempts = 0
      {some_customers}
)
UPDATE messaging_message message
SET not_before = {goes_at},
    expires_at = clock.moment + make_interval(hours => %(life)s),
    priority = %(priority)s,
    language = placed.language,
    deferred_reason = '', reason_data = '{{}}'
FROM placed JOIN clock ON clock.class = placed.class AND clock.day = placed.due_on
{rested}
WHERE message.id = placed.id AND message.state = 'planned'
""")
_SOME_CUSTOMERS = SQL("AND message.customer_id = ANY(%(customers)s::bigint[])")


@dataclass(frozen=True)
class _Names:
    """Positional parameters of Django's SQL, renamed so that ours can stand beside."""

    sql: str
    params: dict[str, Any]


def plan(
    kind: Kind,
    automation: Automation,
    window: Window,
    *,
    reach: Reach,
    business: Business,
    now: datetime,
) -> list[int]:
    """Write a row for everybody within reach who is due and has none; the ids of those
    written."""
    try:
        due = _named(*statement_of(kind.due(automation, window, now)))
    except EmptyResultSet:
        return []
    params = {
        **due.params,
        **_common(automation, window.first_on, window.last_on, business),
        "kind": kind.name,
        "category": kind.category.value,
        "is_reminder": kind.is_reminder,
        "on_uncertain": kind.on_uncertain.value,
        "holdout": automation.holdout_percent,
        "salt": str(automation.holdout_salt),
        "after": window.after,
        "until": window.until,
        "now": now,
    }
    values = dict(_VALUES)
    if prefix := kind.occurrence_prefix(automation):
        values["occurrence"] = SQL("%(prefix)s || found.occurrence::text")
        params["prefix"] = prefix
    for column, default in _other_columns().items():
        values[column] = SQL(f"%({column})s")
        params[column] = default
    statement = _PLAN.format(
        clock=_CLOCK,
        rest=resting.TABLE,
        country=resting.COUNTRY,
        due=SQL(due.sql),
        ground=_GROUND if _asks_for_ground(kind, business) else SQL(""),
        reach=condition(
            reach, customer=SQL("placed.customer_id"), moment=SQL("clock.moment")
        ),
        found=_GATHERED.format(name=kind.gathers) if kind.gathers else _EACH,
        rested=resting.joins(SQL("found")),
        columns=SQL(", ").join(map(Identifier, values)),
        values=SQL(", ").join(values.values()),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [pk for (pk,) in cursor.fetchall()]


def _asks_for_ground(kind: Kind, business: Business) -> bool:
    bases = {
        Category.SURVEY: business.survey_basis,
        Category.LOYALTY: business.loyalty_basis,
    }
    return bases.get(kind.category) == ConsentBasis.EXISTING


def retime(
    automation: Automation,
    first_on: date,
    last_on: date,
    *,
    business: Business,
    customer_ids: list[int] | None = None,
) -> int:
    """Move rows planned for what is due from first to last to the hour, days, life,
    priority and language that hold now."""
    params = {
        **_common(automation, first_on, last_on, business),
        "customers": customer_ids,
        "day_off": Code.DAY_OFF.value,
    }
    statement = _RETIME.format(
        clock=_CLOCK,
        rest=resting.TABLE,
        country=resting.COUNTRY,
        goes_at=resting.goes_at(SQL("clock.moment")),
        rested=resting.joins(SQL("placed")),
        some_customers=SQL("") if customer_ids is None else _SOME_CUSTOMERS,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def _other_columns() -> dict[str, Any]:
    return {
        field.attname: field.get_db_prep_save(field.get_default(), connection)
        for field in Message._meta.concrete_fields
        if field.attname not in _VALUES and not field.primary_key
    }


def _common(
    automation: Automation, first_on: date, last_on: date, business: Business
) -> dict[str, Any]:
    moves = resting.moves_of(automation, first_on, last_on)
    clock = sending_clock(
        first_on,
        resting.last_day(moves, last_on),
        automation.send_hour,
        business.time_zone,
    )
    return {
        **resting.parameters(automation, moves, business),
        "zones": clock.zones,
        "zone_classes": clock.zone_classes,
        "fallback": clock.fallback_class,
        "classes": clock.classes,
        "days": clock.days,
        "moments": clock.moments,
        "automation": automation.pk,
        "priority": automation.priority,
        "life": automation.life_days * 24,
        "languages": [code for code, _ in settings.LANGUAGES],
        "language": business.language,
    }


def statement_of(due: QuerySet[Any, Any] | Due) -> tuple[str, Sequence[Any]]:
    """The SQL of a kind's `due`. Raises EmptyResultSet where no one can be due."""
    if isinstance(due, Due):
        return due.sql, due.params
    return due.query.sql_with_params()


def _named(sql: str, params: Sequence[Any]) -> _Names:
    """`%s, %s` becomes `%(due_0)s, %(due_1)s`; a literal `%%` stays one."""
    numbers = count()
    renamed = _PLACEHOLDER.sub(
        lambda found: "%%" if found[0] == "%%" else f"%(due_{next(numbers)})s", sql
    )
    return _Names(renamed, {f"due_{at}": value for at, value in enumerate(params)})
