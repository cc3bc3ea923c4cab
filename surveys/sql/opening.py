"""A customer's page behind a survey link, in one statement.

By hand because it is the busiest read there is: put together by the ORM, the rows of
these tables took half of the processor time of a page and of an answer
(`script/bench answers`).
"""

from datetime import datetime
from typing import Any

from django.db import connection

# The statement is planned each time, and every join more doubles that: what needs none
# is a subquery, which is planned by itself.
_OPEN = """
    SELECT i.id AS invitation_id, i.customer_id, i.order_id,
           s.trigger, s.every_days, s.one_click,
           c.language AS own_language,
           (SELECT b.name FROM crm_business b WHERE b.id = 1) AS shop,
           (SELECT b.language FROM crm_business b WHERE b.id = 1) AS shop_language,
           (SELECT u.name FROM crm_user u WHERE u.id = c.owner_id) AS owner,
           o.number, o.ordered_on, o.delivered_on,
           r.state, r.score, r.comment, r.language AS answered_in, r.changeable_until
    FROM messaging_link l
    JOIN surveys_invitation i ON i.id = l.subject_id
    JOIN surveys_survey s ON s.id = i.survey_id
    JOIN crm_customer c ON c.id = i.customer_id
    LEFT JOIN crm_order o ON o.id = i.order_id
    LEFT JOIN surveys_response r ON r.invitation_id = i.id
    WHERE l.token_hash = %(hash)s AND l.purpose = 'survey'
      AND l.revoked_at IS NULL AND l.expires_at > %(now)s
      AND c.merged_into_id IS NULL AND c.erased_at IS NULL
      AND (i.state = 'answered' OR (i.state <> 'revoked' AND i.expires_at > %(now)s))
"""


def open_page(token_hash: bytes, *, now: datetime) -> dict[str, Any] | None:
    """By column what the page shows; None where the link opens nothing at this time."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"hash": token_hash, "now": now})
        row = cursor.fetchone()
        if row is None:
            return None
        names = (column.name for column in cursor.description)
        return dict(zip(names, row, strict=True))
