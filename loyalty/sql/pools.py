"""Pools of codes that do not reach for what the forecast expects."""

from datetime import date

from psycopg import sql

_LOW = sql.SQL("""
SELECT 1
FROM loyalty_reward reward
JOIN LATERAL (
    SELECT count(*) AS steps, coalesce(sum(expected.mails), 0) AS needed
    FROM (
        SELECT DISTINCT step.automation_id
        FROM messaging_automationstep step
        JOIN messaging_automation automation ON automation.id = step.automation_id
        WHERE step.gift = reward.id AND automation.is_on
    ) drawing
    LEFT JOIN LATERAL (
        SELECT sum(day.mails) AS mails
        FROM messaging_forecastday day
        JOIN messaging_forecast forecast ON forecast.id = day.forecast_id
        WHERE forecast.automation_id IS NULL
          AND day.automation_id = drawing.automation_id
          AND day.day BETWEEN {first} AND {last}
          AND day.verdict IN ('goes', 'waits')
    ) expected ON true
) use ON use.steps > 0
WHERE reward.fulfilment = 'pool' AND reward.archived_at IS NULL
  AND greatest(use.needed, 1) > (
      SELECT count(*) FROM loyalty_code code
      WHERE code.reward_id = reward.id AND code.grant_id IS NULL)
""")


def low(first: date, last: date) -> sql.Composable:
    """A row for each pool that steps draw on and that is too small for these days."""
    return _LOW.format(first=sql.Literal(first), last=sql.Literal(last))
