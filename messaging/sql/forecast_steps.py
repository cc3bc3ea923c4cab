"""The later steps of the days ahead, each so many days after the one before it, should
that leave on the day that is foreseen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg.sql import SQL, Composable, Literal

from messaging.kinds import Due

# Of whoever waits for a step, the day of the step before is reckoned back; of a mail
# that is planned or foreseen itself, it is that mail's own, and of several of one chain
# the first.
_FOLLOWING = SQL("""
WITH base (customer_id, chain, run_id, version_id, step, day) AS (
    SELECT run.customer_id, run.occurrence, run.id, run.version_id, run.step::int,
           run.next_on
           - (version.content -> 'steps' -> run.step ->> 'wait_days')::int
    FROM messaging_run run
    JOIN messaging_automationversion version ON version.id = run.version_id
    WHERE run.automation_id = %s AND run.state = 'open' AND run.next_on IS NOT NULL
      AND %s::bigint = 0
  UNION ALL
    SELECT mail.customer_id, mail.chain, run.id, coalesce(run.version_id, %s),
           mail.step, mail.due_on
    FROM (
        SELECT DISTINCT ON (customer_id, chain) * FROM forecast_mail
        WHERE automation_id = %s AND chain <> '' AND id > %s
        ORDER BY customer_id, chain, step
    ) mail
    LEFT JOIN messaging_run run
        ON run.automation_id = mail.automation_id AND run.customer_id = mail.customer_id
        AND run.occurrence = mail.chain AND run.state = 'open'
)
SELECT base.customer_id, base.chain || ':step-' || later.step, later.day,
       jsonb_build_object('chain', base.chain, 'step', later.step)
FROM base
JOIN messaging_automationversion version ON version.id = base.version_id
LEFT JOIN messaging_run run ON run.id = base.run_id
CROSS JOIN LATERAL (
    SELECT n AS step,
           base.day
           + (sum((step ->> 'wait_days')::int) OVER (ORDER BY n))::int AS day,
           (step ->> 'has_offer')::bool
           AND NOT (step ->> 'without_offer_allowed')::bool AS is_offer,
           bool_or(run.id IS NOT NULL AND ({stopped})) OVER (ORDER BY n) AS is_stopped
    FROM jsonb_array_elements(version.content -> 'steps') WITH ORDINALITY
        AS each (step, n)
    WHERE n > base.step
) later
WHERE NOT later.is_stopped AND later.is_offer = %s AND later.day BETWEEN %s AND %s
""")
_STOPS = SQL(
    "step -> 'stop_on' ? {rule} AND ({version}::bigint IS NULL"
    " OR run.version_id = {version}) AND {holds}"
)


@dataclass(frozen=True)
class Stop:
    """A rule that ends runs, and whether it does (an expression of `run`); of all
    versions (None) or of one."""

    rule: str
    holds: Composable
    version: int | None


def following(
    automation: int,
    *,
    newest: int,
    stops: Sequence[Stop],
    is_offer: bool,
    first_on: date,
    last_on: date,
    behind: int,
) -> Due:
    """The later steps of whoever is under way or will be, but not those that a rule
    stops as things stand. `newest`: the version in which others begin; `is_offer`: of
    the steps that go as marketing alone, or of the others. `behind`: of mails of a
    higher id alone; 0: of all, and of whoever waits for a step."""
    parts: list[Composable] = [
        _STOPS.format(
            rule=Literal(stop.rule), version=Literal(stop.version), holds=stop.holds
        )
        for stop in stops
    ]
    stopped = SQL(" OR ").join(parts) if parts else SQL("false")
    return Due(
        _FOLLOWING.format(stopped=stopped).as_string(None),
        (
            automation,
            *(behind, newest, automation, behind),
            *(is_offer, first_on, last_on),
        ),
    )
