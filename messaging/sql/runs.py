"""The way of customers through the steps of one automation, in sets.

The rows of the automation's kind are locked meanwhile (messaging/services/planning.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composable

from messaging.kinds import Due
from messaging.rules.runs import Outcome

# The id of a run that is about to begin.
NEXT = SQL("nextval(pg_get_serial_sequence('messaging_run', 'id'))")
# Planning has told its messages of their runs already: to write them twice would cost
# as much as to write them.
_BEGIN = SQL("""
WITH begun AS (
    INSERT INTO messaging_run
        (id, automation_id, customer_id, occurrence, version_id, started_at)
    SELECT coalesce(run_id, {next}), automation_id, customer_id, occurrence,
           %(version)s, %(now)s
    FROM messaging_message WHERE id = ANY(%(ids)s::bigint[])
    ON CONFLICT DO NOTHING
    RETURNING id, customer_id
), told AS (
    UPDATE messaging_message message SET run_id = begun.id
    FROM begun
    WHERE message.id = ANY(%(ids)s::bigint[])
      AND message.customer_id = begun.customer_id
      AND message.run_id IS DISTINCT FROM begun.id
)
SELECT count(*) FROM begun
""").format(next=NEXT)
_WITHOUT = SQL("""
UPDATE messaging_message message SET run_id = NULL
WHERE message.id = ANY(%(ids)s::bigint[]) AND run_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM messaging_run run WHERE run.id = message.run_id)
""")
# Anyone who got no mail yet goes by what holds now.
_FOLLOW = SQL("""
UPDATE messaging_run run SET version_id = %(version)s
FROM messaging_message message
WHERE run.automation_id = %(automation)s AND run.state = 'open'
  AND run.next_on IS NULL AND run.step = 1
  AND message.run_id = run.id AND message.state = 'planned'
""")
# The newest mail of a step: one that was given up is planned again.
_ENDED = SQL("""
SELECT run.id, run.step, mail.state, mail.reason_code, mail.due_on, mail.final_at,
       customer.time_zone,
       (version.content -> 'steps' -> run.step ->> 'wait_days')::int
FROM messaging_run run
JOIN messaging_automationversion version ON version.id = run.version_id
JOIN crm_customer customer ON customer.id = run.customer_id
CROSS JOIN LATERAL (
    SELECT * FROM messaging_message
    WHERE run_id = run.id AND step = run.step ORDER BY id DESC LIMIT 1
) mail
WHERE run.automation_id = %(automation)s AND run.state = 'open'
  AND run.next_on IS NULL AND mail.final_at IS NOT NULL
  AND (mail.state <> 'uncertain' OR mail.reason_code = 'left_as_is')
LIMIT %(most)s
""")
_WRITE = SQL("""
UPDATE messaging_run run
SET step = found.step, state = found.state, reason_code = found.reason,
    next_on = found.next_on,
    ended_at = CASE WHEN found.state <> 'open' THEN %(now)s::timestamptz END
FROM unnest(%(ids)s::bigint[], %(steps)s::int[], %(states)s::text[],
            %(reasons)s::text[], %(days)s::date[])
    AS found (id, step, state, reason, next_on)
WHERE run.id = found.id AND run.state = 'open'
""")
_STOP = SQL("""
UPDATE messaging_run run
SET state = 'stopped', reason_code = %(reason)s, next_on = NULL, ended_at = %(now)s
FROM messaging_automationversion version
WHERE version.id = run.version_id AND run.automation_id = %(automation)s
  AND run.state = 'open' AND run.next_on <= %(last_on)s
  AND version.content -> 'steps' -> run.step -> 'stop_on' ? %(rule)s
  AND (%(version)s::bigint IS NULL OR run.version_id = %(version)s)
  AND {holds}
""")
_STOPPED = SQL("""
SELECT run.id
FROM messaging_run run
JOIN messaging_automationversion version ON version.id = run.version_id
WHERE run.id = ANY(%(ids)s::bigint[])
  AND version.content -> 'steps' -> run.step - 1 -> 'stop_on' ? %(rule)s
  AND (%(version)s::bigint IS NULL OR run.version_id = %(version)s)
  AND {holds}
""")
_DUE_STEPS = SQL("""
SELECT DISTINCT run.version_id, run.step,
       (version.content -> 'steps' -> run.step ->> 'has_offer')::bool,
       version.content ->> 'audience'
FROM messaging_run run
JOIN messaging_automationversion version ON version.id = run.version_id
WHERE run.automation_id = %(automation)s AND run.state = 'open'
  AND run.next_on BETWEEN %(first_on)s AND %(last_on)s
""")
_DUE = """
SELECT run.customer_id, run.occurrence || ':step-' || run.step + 1, run.next_on,
       jsonb_build_object('run', run.id, 'after', run.step)
FROM messaging_run run
WHERE run.automation_id = %s AND run.state = 'open' AND run.version_id = %s
  AND run.step = %s AND run.next_on BETWEEN %s AND %s
"""
_PLANNED = SQL("""
UPDATE messaging_run run SET step = message.step, next_on = NULL
FROM messaging_message message
WHERE message.id = ANY(%(ids)s::bigint[]) AND message.run_id = run.id
""")
# Of another version: at its end are those who wait for a step that is no more.
_PAST_ITS_END = SQL("""
UPDATE messaging_run run
SET state = 'done', reason_code = 'moved_to_its_end', next_on = NULL,
    ended_at = %(now)s
WHERE automation_id = %(automation)s AND state = 'open' AND version_id <> %(version)s
  AND step + (next_on IS NOT NULL)::int > %(most)s
RETURNING id
""")
_MOVE = SQL("""
UPDATE messaging_run run
SET version_id = newest.id,
    next_on = run.next_on
        + (newest.content -> 'steps' -> run.step ->> 'wait_days')::int
        - (old.content -> 'steps' -> run.step ->> 'wait_days')::int
FROM messaging_automationversion newest, messaging_automationversion old
WHERE newest.id = %(version)s AND old.id = run.version_id
  AND run.automation_id = %(automation)s AND run.state = 'open'
  AND run.version_id <> newest.id
""")
# Whom planning passes by until it is too late: no ground, for one.
_LAPSE = SQL("""
UPDATE messaging_run
SET state = 'expired', reason_code = 'too_late', next_on = NULL, ended_at = %(now)s
WHERE automation_id = %(automation)s AND state = 'open' AND next_on < %(before)s
""")


@dataclass(frozen=True)
class EndedMail:
    """Of the last planned step of an open run."""

    run: int
    step: int
    state: str
    reason_code: str
    due_on: date
    final_at: datetime
    time_zone: str
    next_wait: int | None


@dataclass(frozen=True)
class DueStep:
    """Runs of one version that all wait for the step behind this one."""

    version: int
    step: int
    has_offer: bool
    audience: str


def begin(ids: Sequence[int], *, version: int, now: datetime) -> None:
    """Runs of these first messages, each of one customer, by the id that it names or a
    new one that it is told. Anyone who is under way already begins none."""
    ((begun,),) = _run(_BEGIN, ids=list(ids), version=version, now=now)
    if begun < len(ids):
        _run(_WITHOUT, ids=list(ids))


def follow(automation: int, *, version: int) -> int:
    """Take those who got no mail yet to this version; how many."""
    return _changed(_FOLLOW, automation=automation, version=version)


def ended(automation: int, *, most: int) -> list[EndedMail]:
    """Mails that are over, and of which their runs do not know yet."""
    return [EndedMail(*row) for row in _run(_ENDED, automation=automation, most=most)]


def write(outcomes: dict[int, Outcome], *, now: datetime) -> None:
    """Run id to where it stands now."""
    rows = outcomes.values()
    _run(
        _WRITE,
        now=now,
        ids=list(outcomes),
        steps=[row.step for row in rows],
        states=[row.state.value for row in rows],
        reasons=[row.reason_code for row in rows],
        days=[row.next_on for row in rows],
    )


def stop(
    automation: int,
    rule: str,
    holds: Composable,
    *,
    reason: str,
    last_on: date,
    version: int | None = None,
    now: datetime,
) -> int:
    """End those whose next step, due until then, this rule stops; `holds`: it does."""
    return _changed(
        _STOP.format(holds=holds),
        automation=automation,
        rule=rule,
        reason=reason,
        last_on=last_on,
        version=version,
        now=now,
    )


def stopped(
    ids: Sequence[int], rule: str, holds: Composable, *, version: int | None = None
) -> list[int]:
    """Those of the runs whose planned step this rule stops."""
    rows = _run(_STOPPED.format(holds=holds), ids=list(ids), rule=rule, version=version)
    return [pk for (pk,) in rows]


def due_steps(automation: int, first_on: date, last_on: date) -> list[DueStep]:
    """What open runs wait for on these days of the customers."""
    rows = _run(_DUE_STEPS, automation=automation, first_on=first_on, last_on=last_on)
    return [DueStep(*row) for row in rows]


def due(automation: int, step: DueStep, first_on: date, last_on: date) -> Due:
    """Whose next step is due on these days, as planning asks for it."""
    return Due(_DUE, (automation, step.version, step.step, first_on, last_on))


def planned(ids: Sequence[int]) -> None:
    """These messages are the step at which their runs are now."""
    _run(_PLANNED, ids=list(ids))


def end_past(automation: int, *, version: int, most: int, now: datetime) -> list[int]:
    """End those of other versions who are past the last of so many steps; their ids."""
    rows = _run(
        _PAST_ITS_END, automation=automation, version=version, most=most, now=now
    )
    return [pk for (pk,) in rows]


def move(automation: int, *, version: int) -> int:
    """Take all others to this version; their next step waits as it says. How many."""
    return _changed(_MOVE, automation=automation, version=version)


def lapse(automation: int, *, before: date, now: datetime) -> int:
    """End those that still wait for a step of a day before this one; how many."""
    return _changed(_LAPSE, automation=automation, before=before, now=now)


def _run(statement: Composable, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def _changed(statement: Composable, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
