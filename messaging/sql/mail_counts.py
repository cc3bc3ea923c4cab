"""How much mail waits or was left out, counted no further than a page can use."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection
from psycopg import sql

from messaging.rules.life import LAST_LOOK
from messaging.rules.send_decision import Code

MOST_MESSAGES = 50_000


class Planned(NamedTuple):
    """So much planned mail of one kind; `is_today`: it leaves before today ends.

    `lapsing`: so many of them find room under the contact limit, or a day on which they
    may go, only after their end.
    """

    kind: str
    deferred_reason: str
    is_today: bool
    mails: int
    lapsing: int


def planned(*, until: datetime) -> list[Planned]:
    """The nearest planned mail, along the index of times, in one scan."""
    query = sql.SQL(
        "SELECT kind, deferred_reason, not_before < {until}, count(*),"
        " count(*) FILTER (WHERE"
        "  (CASE deferred_reason WHEN {day_off} THEN reason_data ->> 'until'"
        "   ELSE reason_data ->> 'fits_at' END)::timestamptz"
        "  >= expires_at - {last_look})"
        " FROM (SELECT kind, deferred_reason, not_before, reason_data, expires_at"
        " FROM messaging_message"
        " WHERE state = 'planned' ORDER BY not_before, id LIMIT {most}) AS near"
        " GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3"
    ).format(
        until=sql.Literal(until),
        most=sql.Literal(MOST_MESSAGES),
        day_off=sql.Literal(Code.DAY_OFF.value),
        last_look=sql.Literal(LAST_LOOK),
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [Planned(*row) for row in cursor.fetchall()]


def suppressed(*, since: datetime, reason: str) -> int:
    """How many mails were not sent since then for this reason."""
    query = sql.SQL(
        "SELECT count(*) FROM (SELECT reason_code FROM messaging_message"
        " WHERE state = 'suppressed' AND final_at >= {since}"
        " ORDER BY final_at DESC, id DESC LIMIT {most}) AS recent"
        " WHERE reason_code = {reason}"
    ).format(
        since=sql.Literal(since),
        most=sql.Literal(MOST_MESSAGES),
        reason=sql.Literal(reason),
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])
