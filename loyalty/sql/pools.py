"""Pools of codes, and how many codes the days ahead may need of each."""

from datetime import date, datetime

from psycopg import sql

from loyalty.choices import Fulfilment, GrantSource

# Of steps the mails that the forecast expects, each step for itself. What hands give
# and members take nobody forecasts: as many as in as many days before. What nothing
# draws on is no row.
_POOLS = sql.SQL("""
SELECT reward.id, free.codes, steps.needed + others.needed AS needed
FROM loyalty_reward reward
CROSS JOIN LATERAL (
    SELECT count(*) AS codes FROM loyalty_code code
    WHERE code.reward_id = reward.id AND code.grant_id IS NULL
) free
CROSS JOIN LATERAL (
    SELECT count(*) AS steps, coalesce(sum(expected.mails), 0) AS needed
    FROM messaging_automationstep step
    JOIN messaging_automation automation ON automation.id = step.automation_id
    LEFT JOIN LATERAL (
        SELECT sum(mail.people) AS mails
        FROM messaging_forecast forecast
        JOIN messaging_forecastmail mail ON mail.forecast_id = forecast.id
        WHERE forecast.automation_id IS NULL
          AND mail.automation_id = step.automation_id
          AND mail.step = step.position
          AND mail.day BETWEEN {first} AND {last}
          AND mail.decision IN ('goes', 'waits')
    ) expected ON true
    WHERE step.gift = reward.id AND automation.is_on
) steps
CROSS JOIN LATERAL (
    SELECT count(*) AS needed FROM loyalty_grant given
    WHERE given.reward_id = reward.id AND given.source = ANY ({unforeseen})
      AND given.granted_at >= {since}
) others
WHERE reward.fulfilment = {pool} AND reward.archived_at IS NULL
  AND (steps.steps > 0 OR others.needed > 0 OR EXISTS (
      SELECT FROM loyalty_programmereward offer
      JOIN loyalty_programmeperiod period ON period.programme_id = offer.programme_id
      WHERE offer.reward_id = reward.id AND period.until_on IS NULL))
""")


def drawn_on(first: date, last: date, since: datetime) -> sql.Composable:
    """(id of the reward, codes that nobody has, codes needed from `first` to `last`)
    of each pool that steps, members or hands draw on; `since`: as long before."""
    return _POOLS.format(
        first=sql.Literal(first),
        last=sql.Literal(last),
        since=sql.Literal(since),
        pool=sql.Literal(Fulfilment.POOL.value),
        unforeseen=sql.Literal([GrantSource.HAND.value, GrantSource.PROGRAMME.value]),
    )


def low(first: date, last: date, since: datetime) -> sql.Composable:
    """A row for each of them that is too small: one code it needs at least."""
    return sql.SQL("SELECT 1 FROM ({}) pool WHERE codes < greatest(needed, 1)").format(
        drawn_on(first, last, since)
    )
