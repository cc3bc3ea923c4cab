"""A customer's page behind a survey link, and the locks under which it is answered.

By hand because nothing is asked more often, and a page must open while a hundred a
second are answered: put together by the ORM, these statements took two thirds of
the processor time of a page and its answer (`script/bench answers`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from psycopg.sql import SQL

# The statement is planned each time. OFFSET 0 lets each table be planned by itself, by
# its key and in the order in which they are written, instead of as a join of six with
# the indexes of all to choose from: 0.5 ms instead of 1.6. Each table costs something,
# so that what only a shown page needs (_ABOUT) is left out where an answer is sent.
_PAGE = {
    "invitation_id": "i.id",
    "customer_id": "i.customer_id",
    "survey_id": "i.survey_id",
    "invitation_state": "i.invitation_state",
    "declined_at": "i.declined_at",
    "kind": "s.kind",
    "one_click": "s.one_click",
    "rest_days": "s.rest_days",
    "version_id": "coalesce(r.survey_version_id, s.live_version_id)",
    "own_language": "c.language",
    "greeting_name": "c.greeting_name",
    "shop": "b.name",
    "shop_language": "b.language",
    "response_id": "r.response_id",
    "state": "r.state",
    "score": "r.score",
    "comment": "r.comment",
    "answered_in": "r.answered_in",
    "changeable_until": "r.changeable_until",
}
_LINKED = """
    SELECT subject_id FROM messaging_link
    WHERE token_hash = %(hash)s AND purpose = 'survey'
      AND revoked_at IS NULL AND expires_at > %(now)s
"""
_PAGE_TABLES = """
    FROM ({linked} OFFSET 0) l
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
        SELECT name, language FROM crm_business WHERE id = 1 OFFSET 0
    ) b ON TRUE
    LEFT JOIN LATERAL (
        SELECT id AS response_id, survey_version_id, state, score, comment,
               language AS answered_in, changeable_until
        FROM surveys_response
        WHERE invitation_id = i.id
        OFFSET 0
    ) r ON TRUE
"""
_LINKED_PAGE = SQL(_PAGE_TABLES).format(linked=SQL(_LINKED)).as_string()
_IS_OPEN = """
    WHERE (s.survey_state = 'live' OR r.response_id IS NOT NULL)
      AND coalesce(r.survey_version_id, s.live_version_id) IS NOT NULL
"""
_INVITATION = """
    FROM surveys_invitation i JOIN crm_customer c ON c.id = i.customer_id
"""
_IS_THIS_ONE = "WHERE i.id = %(invitation)s"
_ABOUT = {
    "every_days": "a.every_days",
    "owner": "(SELECT u.name FROM crm_user u WHERE u.id = c.owner_id)",
    "number": "o.number",
    "ordered_on": "o.ordered_on",
    "delivered_on": "o.delivered_on",
    "product_names": """ARRAY(
        SELECT (
            SELECT coalesce(nullif(name, ''), sku) FROM crm_product
            WHERE id = line.product_id
        )
        FROM crm_orderline line
        WHERE order_id = i.order_id AND nature = 'purchase'
        ORDER BY id
    )""",
}
_ABOUT_TABLES = """
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
"""


def _select(columns: Mapping[str, str], tables: str) -> str:
    named = ", ".join(f"{column} AS {name}" for name, column in columns.items())
    statement = SQL("SELECT {columns} {tables}")
    return statement.format(columns=SQL(named), tables=SQL(tables)).as_string()


_OPEN = _select(_PAGE, _LINKED_PAGE + _IS_OPEN)
_OPEN_WHOLE = _select(_PAGE | _ABOUT, _LINKED_PAGE + _ABOUT_TABLES + _IS_OPEN)
_ONLY_ABOUT = _select(_ABOUT, _INVITATION + _ABOUT_TABLES + _IS_THIS_ONE)

# The customer who has the invitation now: a merge may have moved it since the page was
# opened.
_LOCK_CUSTOMER = """
    SELECT i.id, c.id, c.country, c.owner_id, c.language
    FROM (SELECT id, customer_id FROM surveys_invitation WHERE id = {which} OFFSET 0) i
    JOIN crm_customer c ON c.id = i.customer_id
    WHERE c.merged_into_id IS NULL AND c.erased_at IS NULL
    FOR NO KEY UPDATE OF c
"""
_LOCK_CUSTOMER_OF = SQL(_LOCK_CUSTOMER).format(which=SQL("%(invitation)s")).as_string()
_LOCK_CUSTOMER_BY_LINK = (
    SQL(_LOCK_CUSTOMER).format(which=SQL(f"({_LINKED})")).as_string()
)
# `version_id`: the questions as they stood when the answer was begun, or as they stand
# now.
_LOCK_INVITATION = """
    SELECT i.survey_id, i.state, i.expires_at, r.id AS response_id, s.survey_state,
           s.one_click, coalesce(r.survey_version_id, s.live_version_id) AS version_id,
           ARRAY(
               SELECT product_id FROM crm_orderline
               WHERE order_id = i.order_id AND nature = 'purchase'
           ) AS product_ids,
           (SELECT language FROM crm_business WHERE id = 1) AS shop_language
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
    WHERE i.id = %(invitation)s AND i.customer_id = %(customer)s
      AND coalesce(r.survey_version_id, s.live_version_id) IS NOT NULL
    FOR UPDATE OF i
"""
_CLOSE = """
    UPDATE surveys_invitation SET state = 'answered', declined_at = NULL WHERE id = %s
"""


class LockedInvitation(NamedTuple):
    """An invitation whose row is locked until the commit."""

    id: int
    # Of the customer, as they are now.
    customer_id: int
    country: str
    owner_id: int | None
    own_language: str
    survey_id: int
    state: str
    expires_at: datetime
    response_id: int | None
    survey_state: str
    one_click: bool
    version_id: int
    # Of the order's lines, in no order.
    product_ids: list[int]
    shop_language: str | None


class About(NamedTuple):
    """What the invitation is about, and who reads its answer."""

    # Of the automation that asks again and again; None where none asked.
    every_days: int | None
    # Who looks after the customer, or None.
    owner: str | None
    # Of the order they are asked about, each None where it is about none.
    number: str | None
    ordered_on: date | None
    delivered_on: date | None
    # What was bought, in the order of the lines, each once.
    product_names: list[str]


def open_page(
    token_hash: bytes, *, whole: bool, now: datetime
) -> tuple[dict[str, Any], About | None] | None:
    """By column what the page needs, and where it shall be `whole` what it shows
    besides. None where the link opens nothing at this time."""
    with connection.cursor() as cursor:
        statement = _OPEN_WHOLE if whole else _OPEN
        cursor.execute(statement, {"hash": token_hash, "now": now})
        row = cursor.fetchone()
    if row is None:
        return None
    end = len(_PAGE)
    page = dict(zip(_PAGE, row[:end], strict=True))
    return page, _about(row[end:]) if whole else None


def about(invitation_id: int) -> About:
    """The same of an invitation whose page was opened without it."""
    with connection.cursor() as cursor:
        cursor.execute(_ONLY_ABOUT, {"invitation": invitation_id})
        return _about(cursor.fetchone())


def _about(row: Sequence[Any]) -> About:
    found = About(*row)
    return found._replace(product_names=list(dict.fromkeys(found.product_names)))


def lock(invitation_id: int) -> LockedInvitation | None:
    """The invitation, with its customer locked first: the order of the claim.

    Everybody who answers, merges or erases this customer waits here, so that fifty
    presses at once are one answer: the second statement sees what whoever held the
    lock has written. None where the customer is merged or erased.
    """
    return _lock(_LOCK_CUSTOMER_OF, {"invitation": invitation_id})


def lock_linked(token_hash: bytes, *, now: datetime) -> LockedInvitation | None:
    """The same of the invitation that the link with this hash leads to at this time."""
    return _lock(_LOCK_CUSTOMER_BY_LINK, {"hash": token_hash, "now": now})


def _lock(of_customer: str, values: Mapping[str, Any]) -> LockedInvitation | None:
    with connection.cursor() as cursor:
        cursor.execute(of_customer, values)
        whose = cursor.fetchone()
        if whose is None:
            return None
        cursor.execute(_LOCK_INVITATION, {"invitation": whose[0], "customer": whose[1]})
        found = cursor.fetchone()
        return LockedInvitation(*whose, *found) if found else None


def close(invitation_id: int) -> None:
    """The invitation was answered; who had said no before has come back."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [invitation_id])
