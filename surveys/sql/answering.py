"""A customer's page and a first answer, each in one statement.

Both run for every customer who opens a link; the services and selectors that call them
know the slower, ordinary road for everything else.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from crm.sql.prepared import first_row


class Opened(NamedTuple):
    """What a link leads to. The names before an underscore are those of the models."""

    invitation_id: int
    invitation_survey_id: int
    invitation_customer_id: int
    invitation_order_id: int | None
    invitation_state: str
    invitation_expires_at: datetime
    survey_trigger: str
    survey_every_days: int
    survey_one_click: bool
    customer_language: str
    owner_name: str
    order_number: str | None
    order_ordered_on: Any
    order_delivered_on: Any
    response_id: int | None
    response_score: int | None
    response_comment: str | None
    response_language: str | None
    response_state: str | None
    response_changeable_until: datetime | None
    products: list[str]
    shop_name: str
    shop_language: str


# The link's customer and the invitation's are the same row, except in the moment of a
# merge: neither may be merged away or erased.
OPEN = b"""
    SELECT i.id, i.survey_id, i.customer_id, i.order_id, i.state, i.expires_at,
        s.trigger, s.every_days, s.one_click,
        c.language,
        coalesce((SELECT u.name FROM crm_user u WHERE u.id = c.owner_id), ''),
        o.number, o.ordered_on, o.delivered_on,
        r.id, r.score, r.comment, r.language, r.state, r.changeable_until,
        ARRAY(
            SELECT coalesce(nullif(p.name, ''), p.sku)
            FROM crm_orderline l JOIN crm_product p ON p.id = l.product_id
            WHERE l.order_id = i.order_id AND l.nature = 'purchase'
            ORDER BY l.id),
        b.name, b.language
    FROM messaging_link link
    JOIN crm_customer holder ON holder.id = link.customer_id
    JOIN surveys_invitation i ON i.id = link.subject_id
    JOIN surveys_survey s ON s.id = i.survey_id
    JOIN crm_customer c ON c.id = i.customer_id
    LEFT JOIN crm_order o ON o.id = i.order_id
    LEFT JOIN surveys_response r ON r.invitation_id = i.id
    JOIN crm_business b ON b.id = 1
    WHERE link.token_hash = %(token_hash)s AND link.purpose = 'survey'
      AND link.revoked_at IS NULL AND link.expires_at > %(now)s
      AND holder.merged_into_id IS NULL AND holder.erased_at IS NULL
      AND c.merged_into_id IS NULL AND c.erased_at IS NULL
      AND i.state <> 'revoked'
      AND (i.state = 'answered' OR i.expires_at > %(now)s)
"""

# The customer is locked before the invitation, as everywhere: the second CTE has no row
# to lock before the first has given its own. Whoever waited here for another answer, a
# merge or a revocation finds the row changed, gets nothing and takes the ordinary road.
ANSWER_FIRST = b"""
    WITH customer AS MATERIALIZED (
        SELECT c.id FROM crm_customer c
        WHERE c.id = (
            SELECT customer_id FROM surveys_invitation WHERE id = %(invitation)s)
          AND c.merged_into_id IS NULL AND c.erased_at IS NULL
        FOR NO KEY UPDATE
    ), invitation AS MATERIALIZED (
        SELECT i.id, i.survey_id, i.customer_id
        FROM customer JOIN surveys_invitation i ON i.customer_id = customer.id
        WHERE i.id = %(invitation)s AND i.state = 'open' AND i.expires_at > %(now)s
        FOR UPDATE OF i
    ), response AS (
        INSERT INTO surveys_response (invitation_id, survey_id, customer_id, score,
            comment, language, state, first_at, confirmed_at, changeable_until,
            clashing, version)
        SELECT id, survey_id, customer_id, %(score)s::smallint, %(comment)s::text,
            %(language)s::text, 'confirmed', %(now)s, %(now)s, %(changeable_until)s,
            false, 1
        FROM invitation
        ON CONFLICT (invitation_id) DO NOTHING
        RETURNING id, survey_id, customer_id, invitation_id
    ), closed AS (
        UPDATE surveys_invitation i SET state = 'answered'
        FROM response WHERE i.id = response.invitation_id
    )
    SELECT id, survey_id, customer_id FROM response
"""


def open_page(*, token_hash: bytes, now: datetime) -> Opened | None:
    row = first_row(OPEN, {"token_hash": token_hash, "now": now})
    return Opened(*row) if row else None


def answer_first(
    *,
    invitation_id: int,
    values: Mapping[str, Any],
    now: datetime,
    changeable_until: datetime,
) -> tuple[int, int, int] | None:
    """Ids of a new answer, its survey and customer; None where it is not the first."""
    row = first_row(
        ANSWER_FIRST,
        {
            **values,
            "invitation": invitation_id,
            "now": now,
            "changeable_until": changeable_until,
        },
    )
    return (row[0], row[1], row[2]) if row else None
