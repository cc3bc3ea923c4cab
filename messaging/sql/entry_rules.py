"""Who may begin with an automation: nobody who is under way in it, and nobody again
before its rule of re-entry lets them."""

from typing import Any

from psycopg.sql import SQL, Composable

from messaging.models import Automation
from messaging.rules.choices import COUNTED, Reentry, State

# Anyone who got nothing may begin another time.
_ENTERED = sorted({*(state.value for state in COUNTED), State.PLANNED.value})
_UNDER_WAY = SQL("""
  AND NOT EXISTS (
    SELECT FROM messaging_run run
    WHERE run.automation_id = %(automation)s AND run.customer_id = {customer}
      AND run.state = 'open')""")
_AGAIN = SQL("""
  AND NOT EXISTS (
    SELECT FROM messaging_message earlier
    WHERE earlier.customer_id = {customer} AND earlier.automation_id = %(automation)s
      AND earlier.step = 1 AND earlier.state = ANY(%(entered)s::text[])
      AND (%(reentry_days)s::int IS NULL
           OR earlier.due_on + %(reentry_days)s::int > {day}))""")
# Of several occurrences that are due, the first that was not settled before.
_OPEN = SQL("""
  AND NOT EXISTS (
    SELECT FROM messaging_message settled
    WHERE settled.kind = %(kind)s AND settled.customer_id = {customer}
      AND settled.occurrence = %(prefix)s || {occurrence}::text
      AND settled.state <> 'superseded')""")


def is_limited(automation: Automation, *, has_runs: bool) -> bool:
    """Whether somebody who is due may have to wait, or to go without."""
    return has_runs or automation.reentry != Reentry.PER_OCCURRENCE.value


def condition(
    automation: Automation,
    *,
    has_runs: bool,
    customer: Composable,
    day: Composable,
    occurrence: Composable,
) -> Composable:
    """`AND ...` on who is due; nothing where everybody may begin. Its parameters are
    `automation`, `kind`, `prefix` and those of `parameters`."""
    if not is_limited(automation, has_runs=has_runs):
        return SQL("")
    parts = [_OPEN.format(customer=customer, occurrence=occurrence)]
    if has_runs:
        parts.append(_UNDER_WAY.format(customer=customer))
    if automation.reentry != Reentry.PER_OCCURRENCE.value:
        parts.append(_AGAIN.format(customer=customer, day=day))
    return SQL("").join(parts)


def who_may(automation: Automation, *, has_runs: bool) -> Composable:
    """The same on the rows of `placed` in the statement that finds who is due."""
    return condition(
        automation,
        has_runs=has_runs,
        customer=SQL("placed.customer_id"),
        day=SQL("placed.due_on"),
        occurrence=SQL("placed.occurrence"),
    )


def parameters(automation: Automation) -> dict[str, Any]:
    """What the condition asks for besides what planning knows anyway."""
    return {"entered": _ENTERED, "reentry_days": automation.reentry_days}
