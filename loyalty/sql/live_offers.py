"""Mails of a forecast whose offer nobody will have while an earlier one is good."""

from collections.abc import Collection

from psycopg import sql

from loyalty.choices import OPEN_GRANTS
from loyalty.rules.allotment import NoShare
from messaging.kinds import Due

# One that ends in time makes room: then the mail waits for that, and goes.
_AHEAD = sql.SQL("""
SELECT mail.id, {code}
FROM mail
WHERE mail.automation_id = {automation} AND mail.step = ANY ({steps})
  AND mail.category = 'marketing'
  AND EXISTS (
      SELECT FROM loyalty_grant held
      JOIN loyalty_reward reward ON reward.id = held.reward_id
      WHERE held.customer_id = mail.customer_id AND reward.is_offer
        AND held.state = ANY ({open})
        AND (held.expires_at IS NULL OR held.expires_at > mail.expires_at)
        AND held.source_key
            <> concat_ws(':', mail.kind, mail.occurrence, mail.step::text))
""")


def ahead(automation: int, steps: Collection[int]) -> Due:
    """Of these steps; see `Gifts.refused_ahead`."""
    statement = _AHEAD.format(
        code=sql.Literal(NoShare.OFFER_ALREADY.value),
        automation=sql.Literal(automation),
        steps=sql.Literal(sorted(steps)),
        open=sql.Literal([state.value for state in OPEN_GRANTS]),
    )
    return Due(statement.as_string(None).replace("%", "%%"))
