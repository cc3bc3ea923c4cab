"""A customer's page and a first answer, each in one statement.

Both run for every customer who opens a link. What either refuses is left to the
services: the statements know one case, in which nothing was answered yet.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from psycopg import sql

from crm.sql import audit
from crm.sql.prepared import first_row


class Opened(NamedTuple):
    """What a link leads to, in the words of the page that shows it."""

    invitation_id: int
    customer_id: int
    language: str
    trigger: str
    every_days: int
    one_click: bool
    # Who reads the answer, by name where the customer has somebody.
    reader: str
    order_number: str | None
    ordered_on: date | None
    delivered_on: date | None
    score: int | None
    comment: str | None
    comment_language: str | None
    is_answered: bool
    is_changeable: bool
    products: list[str]
    shop: str


class Answered(NamedTuple):
    response_id: int
    invitation_id: int
    survey_id: int
    customer_id: int
    language: str
    # Whom a low score is told, and by when.
    owner_id: int | None
    owner_language: str | None
    shop_zone: str
    shop_country: str


# As messaging/public_language.py chooses: `?lang=`, then the customer's language, then
# the shop's; only those we have. A test compares the two.
LANGUAGE = sql.SQL("""
    CASE WHEN %(wanted)s::text <> '' THEN %(wanted)s::text
        WHEN c.language IN ({known}) THEN c.language
        WHEN b.language IN ({known}) THEN b.language
        ELSE {usual} END
""").format(
    known=sql.SQL(", ").join(sql.Literal(code) for code, _name in settings.LANGUAGES),
    usual=sql.Literal(settings.LANGUAGE_CODE),
)

# `link`: what messaging/services/links.py would open. A merge moves the link and the
# invitation together; in between the holder may already be somebody who is gone.
LINKED = sql.SQL("""
    link.token_hash = %(token_hash)s AND link.purpose = 'survey'
    AND link.revoked_at IS NULL AND link.expires_at > %(now)s
    AND holder.merged_into_id IS NULL AND holder.erased_at IS NULL
""")
LIVE = sql.SQL("c.merged_into_id IS NULL AND c.erased_at IS NULL")

OPEN = (
    sql.SQL("""
    SELECT i.id, i.customer_id, {language}, s.trigger, s.every_days, s.one_click,
        coalesce((SELECT u.name FROM crm_user u WHERE u.id = c.owner_id), ''),
        o.number, o.ordered_on, o.delivered_on,
        r.score, r.comment, r.language, coalesce(r.state = 'confirmed', false),
        coalesce(r.state = 'confirmed' AND r.changeable_until > %(now)s, false),
        ARRAY(
            SELECT coalesce(nullif(p.name, ''), p.sku)
            FROM crm_orderline l JOIN crm_product p ON p.id = l.product_id
            WHERE l.order_id = i.order_id AND l.nature = 'purchase'
            ORDER BY l.id),
        b.name
    FROM messaging_link link
    JOIN crm_customer holder ON holder.id = link.customer_id
    JOIN surveys_invitation i ON i.id = link.subject_id
    JOIN surveys_survey s ON s.id = i.survey_id
    JOIN crm_customer c ON c.id = i.customer_id
    LEFT JOIN crm_order o ON o.id = i.order_id
    LEFT JOIN surveys_response r ON r.invitation_id = i.id
    JOIN crm_business b ON b.id = 1
    WHERE {linked} AND {live}
      AND i.state <> 'revoked'
      AND (i.state = 'answered' OR i.expires_at > %(now)s)
""")
    .format(language=LANGUAGE, linked=LINKED, live=LIVE)
    .as_bytes()
)

# The customer is locked before the invitation, as everywhere: the second CTE has no row
# to lock before the first has given its own. Whoever waited here for a merge or a
# revocation finds the row changed, and whoever waited for another answer finds it: both
# get nothing. The audit's row stands or falls with the answer: one statement, or
# whatever transaction is around it.
ANSWER = sql.SQL("""
    WITH asked AS MATERIALIZED (
        SELECT i.id, i.customer_id FROM surveys_invitation i WHERE i.id = {invitation}
    ), customer AS MATERIALIZED (
        SELECT c.id, c.language, c.owner_id FROM crm_customer c
        WHERE c.id = (SELECT customer_id FROM asked) AND {live}
        FOR NO KEY UPDATE
    ), invitation AS MATERIALIZED (
        SELECT i.id, i.survey_id, i.customer_id, {language} AS language, c.owner_id,
            b.time_zone, b.country
        FROM customer c JOIN surveys_invitation i ON i.customer_id = c.id
        JOIN crm_business b ON b.id = 1
        WHERE i.id = (SELECT id FROM asked)
          AND i.state <> 'revoked' AND i.expires_at > %(now)s
        FOR UPDATE OF i
    ), response AS (
        INSERT INTO surveys_response (invitation_id, survey_id, customer_id, score,
            comment, language, state, first_at, confirmed_at, changeable_until,
            clashing, version)
        SELECT id, survey_id, customer_id, %(score)s::smallint, %(comment)s::text,
            language, 'confirmed', %(now)s, %(now)s, %(changeable_until)s, false, 1
        FROM invitation
        ON CONFLICT (invitation_id) DO NOTHING
        RETURNING id, invitation_id, customer_id
    ), closed AS (
        UPDATE surveys_invitation i SET state = 'answered'
        FROM response WHERE i.id = response.invitation_id
    ), noted AS (
        {note}
        SELECT %(now)s, %(actor_kind)s::text,
            CASE WHEN %(actor_kind)s::text = 'customer' THEN customer_id
                ELSE %(actor_id)s::bigint END,
            %(via)s, 'survey.answered', 'response:' || id, customer_id,
            ARRAY['comment', 'score']
        FROM response
    )
    SELECT r.id, i.id, i.survey_id, i.customer_id, i.language, i.owner_id,
        (SELECT u.language FROM crm_user u WHERE u.id = i.owner_id),
        i.time_zone, i.country
    FROM response r CROSS JOIN invitation i
""")
BY_LINK = sql.SQL("""(
    SELECT link.subject_id FROM messaging_link link
    JOIN crm_customer holder ON holder.id = link.customer_id
    WHERE {linked})
""").format(linked=LINKED)


def _answer(invitation: sql.Composable) -> bytes:
    return ANSWER.format(
        invitation=invitation,
        language=LANGUAGE,
        live=LIVE,
        note=sql.SQL(audit.INSERT),
    ).as_bytes()


ANSWER_BY_LINK = _answer(BY_LINK)
ANSWER_BY_ID = _answer(sql.SQL("%(invitation)s::bigint"))


def open_page(*, token_hash: bytes, wanted: str, now: datetime) -> Opened | None:
    """`wanted` is a language that the page was asked to speak, or empty."""
    row = first_row(OPEN, {"token_hash": token_hash, "wanted": wanted, "now": now})
    return Opened(*row) if row else None


def answer_by_link(token_hash: bytes, values: Mapping[str, Any]) -> Answered | None:
    """The confirmed answer that was stored; None where it would not be the first."""
    row = first_row(ANSWER_BY_LINK, {**values, "token_hash": token_hash})
    return Answered(*row) if row else None


def answer_by_id(invitation_id: int, values: Mapping[str, Any]) -> Answered | None:
    row = first_row(ANSWER_BY_ID, {**values, "invitation": invitation_id})
    return Answered(*row) if row else None
