"""A customer's page behind a survey link, and the locks under which it is answered.

By hand because nothing is asked more often, and a page must open while a hundred a
second are answered: put together by the ORM, these three statements took two thirds of
the processor time of a page and its answer (`script/bench answers`).
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

# The statement is planned each time. OFFSET 0 lets each table be planned by itself, by
# its key and in the order in which they are written, instead of as a join of six with
# the indexes of all to choose from: 0.5 ms instead of 1.6.
_OPEN = """
    SELECT i.id AS invitation_id, i.customer_id, i.survey_id,
           i.invitation_state, i.declined_at, s.kind, s.one_click, s.rest_days,
           a.every_days, v.version_id, v.content,
           c.language AS own_language, c.greeting_name,
           (SELECT b.name FROM crm_business b WHERE b.id = 1) AS shop,
           (SELECT b.language FROM crm_business b WHERE b.id = 1) AS shop_language,
           (SELECT u.name FROM crm_user u WHERE u.id = c.owner_id) AS owner,
           o.number, o.ordered_on, o.delivered_on,
           ARRAY(
               SELECT coalesce(nullif(p.name, ''), p.sku)
               FROM crm_orderline line JOIN crm_product p ON p.id = line.product_id
               WHERE line.order_id = i.order_id AND line.nature = 'purchase'
               GROUP BY 1 ORDER BY min(line.id)
           ) AS product_names, r.response_id,
           r.state, r.score, r.comment, r.answered_in, r.changeable_until
    FROM (
        SELECT subject_id FROM messaging_link
        WHERE token_hash = %(hash)s AND purpose = 'survey'
          AND revoked_at IS NULL AND expires_at > %(now)s
        OFFSET 0
    ) l
    CROSS JOIN LATERAL (
        SELECT id, survey_id, asking_id, customer_id, order_id,
               state AS invitation_state, declined_at
        FROM surveys_invitation
        WHERE id = l.subject_id
          AND (state = 'answered' OR (state <> 'revoked' AND expires_at > %(now)s))
        OFFSET 0
    ) i
    CROSS JOIN LATERAL (
        SELECT kind, state AS survey_state, one_click, rest_days, live_version_id
        FROM surveys_survey
        WHERE id = i.survey_id
        OFFSET 0
    ) s
    CROSS JOIN LATERAL (
        SELECT language, owner_id, greeting_name FROM crm_customer
        WHERE id = i.customer_id AND merged_into_id IS NULL AND erased_at IS NULL
        OFFSET 0
    ) c
    LEFT JOIN LATERAL (
        SELECT every_days FROM surveys_asking
        WHERE id = i.asking_id
        OFFSET 0
    ) a ON TRUE
    LEFT JOIN LATERAL (
        SELECT number, ordered_on, delivered_on FROM crm_order
        WHERE id = i.order_id
        OFFSET 0
    ) o ON TRUE
    LEFT JOIN LATERAL (
        SELECT id AS response_id, survey_version_id, state, score, comment,
               language AS answered_in, changeable_until
        FROM surveys_response
        WHERE invitation_id = i.id
        OFFSET 0
    ) r ON TRUE
    CROSS JOIN LATERAL (
        SELECT id AS version_id, content FROM surveys_surveyversion
        WHERE id = coalesce(r.survey_version_id, s.live_version_id)
        OFFSET 0
    ) v
    WHERE s.survey_state = 'live' OR r.response_id IS NOT NULL
"""

# The customer who has the invitation now: a merge may have moved it since the page was
# opened.
_LOCK_CUSTOMER = """
    SELECT id, country, owner_id FROM crm_customer
    WHERE id = (SELECT customer_id FROM surveys_invitation WHERE id = %(invitation)s)
      AND merged_into_id IS NULL AND erased_at IS NULL
    FOR NO KEY UPDATE
"""
# With the questions as they stood when the answer was begun, or as they stand now.
_LOCK_INVITATION = """
    SELECT i.id, i.survey_id, i.customer_id, i.state, i.expires_at,
           r.id AS response_id, s.survey_state, s.one_click, v.version_id, v.content,
           ARRAY(
               SELECT DISTINCT product_id FROM crm_orderline
               WHERE order_id = i.order_id AND nature = 'purchase'
               ORDER BY 1
           ) AS product_ids
    FROM surveys_invitation i
    CROSS JOIN LATERAL (
        SELECT state AS survey_state, one_click, live_version_id FROM surveys_survey
        WHERE id = i.survey_id
        OFFSET 0
    ) s
    LEFT JOIN LATERAL (
        SELECT id, survey_version_id FROM surveys_response
        WHERE invitation_id = i.id
        OFFSET 0
    ) r ON TRUE
    CROSS JOIN LATERAL (
        SELECT id AS version_id, content FROM surveys_surveyversion
        WHERE id = coalesce(r.survey_version_id, s.live_version_id)
        OFFSET 0
    ) v
    WHERE i.id = %(invitation)s AND i.customer_id = %(customer)s
    FOR UPDATE OF i
"""


class LockedInvitation(NamedTuple):
    """An invitation whose row is locked until the commit."""

    id: int
    survey_id: int
    customer_id: int
    state: str
    expires_at: datetime
    response_id: int | None
    survey_state: str
    one_click: bool
    version_id: int
    # JSON.
    content: str
    product_ids: list[int]
    # Of the customer, as they are now.
    country: str
    owner_id: int | None


def open_page(token_hash: bytes, *, now: datetime) -> dict[str, Any] | None:
    """By column what the page shows; None where the link opens nothing at this time."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"hash": token_hash, "now": now})
        row = cursor.fetchone()
        if row is None:
            return None
        names = (column.name for column in cursor.description)
        return dict(zip(names, row, strict=True))


def lock(invitation_id: int) -> LockedInvitation | None:
    """The invitation, with its customer locked first: the order of the claim.

    Everybody who answers, merges or erases this customer waits here, so that fifty
    presses at once are one answer: the second statement sees what whoever held the
    lock has written. None where the customer is merged or erased.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_CUSTOMER, {"invitation": invitation_id})
        row = cursor.fetchone()
        if row is None:
            return None
        values = {"invitation": invitation_id, "customer": row[0]}
        cursor.execute(_LOCK_INVITATION, values)
        found = cursor.fetchone()
        return LockedInvitation(*found, *row[1:]) if found else None
