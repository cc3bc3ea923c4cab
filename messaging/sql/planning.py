"""Planning: one INSERT ... SELECT per automation, and one UPDATE when times change."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import SQL, Composable

from crm.models import Business
from messaging.kinds import Due, Kind, Window
from messaging.models import Automation, Message
from messaging.rules.choices import Category
from messaging.rules.send_decision import Code
from messaging.sql import entry_rules, resting
from messaging.sql.due import CLOCK, found_by, times_of
from messaging.sql.holdout import DRAWN
from messaging.sql.reach import Reach
from messaging.sql.runs import NEXT

# A statement has a limit of time, and who is due to it on a feast is everybody.
MOST_AT_ONCE = 50_000
_ONCE = SQL("""
LIMIT %(most)s
ON CONFLICT (kind, customer_id, occurrence, user_id, address)
    WHERE NOT (state = 'superseded')
DO NOTHING
RETURNING id
""")

# What planning knows of a new row. Its uuid is of a random number of the statement:
# gen_random_uuid() may ask the operating system for each row. Every other column takes
# the model's default.
_VALUES = {
    "customer_id": SQL("found.customer_id"),
    "automation_id": SQL("%(automation)s"),
    "kind": SQL("%(kind)s"),
    "category": SQL("%(category)s"),
    "occurrence": SQL("%(prefix)s || found.occurrence::text"),
    "is_reminder": SQL("%(is_reminder)s"),
    "priority": SQL("%(priority)s"),
    "why": SQL("found.why::jsonb"),
    "language": SQL("found.language"),
    "due_on": SQL("found.due_on"),
    "not_before": resting.goes_at(SQL("found.moment")),
    "expires_at": SQL("found.moment + make_interval(hours => %(life)s)"),
    "planned_at": SQL("%(now)s"),
    "message_uuid": SQL(
        "md5(%(seed)s || ':' || found.customer_id || ':' || found.occurrence)::uuid"
    ),
    "on_uncertain": SQL("%(on_uncertain)s"),
    "in_holdout": DRAWN,
}
_OF_A_RUN = {
    "run_id": SQL("(found.why::jsonb ->> 'run')::bigint"),
    "step": SQL("%(step)s"),
    # The lot was drawn with the first mail.
    "in_holdout": SQL("NULL::boolean"),
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
class Planning:
    """Which mails one statement writes: who is due, and what the mails are.

    `later`: the number of a step behind the first, whose `why` names its run.
    """

    kind: Kind
    automation: Automation
    window: Window
    due: QuerySet[Any, dict[str, Any]] | Due
    has_offer: bool = False
    has_runs: bool = False
    later: int | None = None

    @property
    def category(self) -> Category:
        return self.kind.step_category(self.automation, has_offer=self.has_offer)

    @property
    def is_limited(self) -> bool:
        """Whether not everybody who is due may begin."""
        if self.later:
            return False
        return entry_rules.is_limited(self.automation, has_runs=self.has_runs)


def plan(
    asked: Planning, *, reach: Reach, business: Business, now: datetime
) -> list[int]:
    """Write a row for everybody within reach who is due and has none, for so many at
    once; the ids of those written."""
    found = found_by(
        asked.kind,
        asked.automation,
        asked.window,
        due=asked.due,
        reach=reach,
        business=business,
        now=now,
        category=asked.category,
        begins=_begins(asked),
        only_first=asked.is_limited,
        unplanned=True,
    )
    if found is None:
        return []
    values = _VALUES | ({"run_id": NEXT} if asked.has_runs else {})
    params = found.params | entry_rules.parameters(asked.automation)
    params |= {"most": MOST_AT_ONCE, "seed": token_hex(16)}
    if asked.later:
        values |= _OF_A_RUN
        params |= {"prefix": "", "step": asked.later}
    for column, default in _other_columns(values).items():
        values[column] = SQL(f"%({column})s")
        params[column] = default
    statement = found.insert("messaging_message", values) + _ONCE
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [pk for (pk,) in cursor.fetchall()]


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
    times = times_of(automation, first_on, last_on, business)
    params = {
        **times,
        "customers": customer_ids,
        "day_off": Code.DAY_OFF.value,
    }
    statement = _RETIME.format(
        clock=CLOCK,
        rest=resting.TABLE,
        country=resting.COUNTRY,
        goes_at=resting.goes_at(SQL("clock.moment")),
        rested=resting.joins(SQL("placed"), moves_json=times["moves"]),
        some_customers=SQL("") if customer_ids is None else _SOME_CUSTOMERS,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def _begins(asked: Planning) -> Composable:
    if not asked.is_limited:
        return SQL("")
    return entry_rules.who_may(asked.automation, has_runs=asked.has_runs)


def _other_columns(known: Collection[str]) -> dict[str, Any]:
    return {
        field.attname: field.get_db_prep_save(field.get_default(), connection)
        for field in Message._meta.concrete_fields
        if field.attname not in known and not field.primary_key
    }
