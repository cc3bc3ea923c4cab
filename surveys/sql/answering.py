"""A customer's page behind a survey link, and the locks under which it is answered.

By hand because nothing is asked more often, and a page must open while a hundred a
second are answered: put together by the ORM, these three statements took two thirds of
the processor time of a page and its answer (`script/bench answers`).
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

# The statements are planned each time, and every join more doubles that: what needs
# none is a subquery, which is planned by itself.
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

# The customer who has the invitation now: a merge may have moved it since the page was
# opened.
_LOCK_CUSTOMER = """
    SELECT c.id FROM crm_customer c
    JOIN surveys_invitation i ON i.customer_id = c.id
    WHERE i.id = %(invitation)s
      AND c.merged_into_id IS NULL AND c.erased_at IS NULL
    FOR NO KEY UPDATE OF c
"""
_LOCK_INVITATION = """
    SELECT i.id, i.survey_id, i.customer_id, i.state, i.expires_at,
           r.id AS response_id
    FROM surveys_invitation i
    LEFT JOIN surveys_response r ON r.invitation_id = i.id
    WHERE i.id = %(invitation)s AND i.customer_id = %(customer)s
    FOR UPDATE OF i
"""


class LockedInvitation(NamedTuple):
    id: int
    survey_id: int
    customer_id: int
    state: str
    expires_at: datetime
    response_id: int | None


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
        return LockedInvitation(*found) if found else None
