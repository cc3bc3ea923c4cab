"""Counts of what waits, each no further than a person can use."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from psycopg import sql

from messaging.rules.send_decision import LAST_LOOK
from messaging.services.messages import LEFT_AS_IS

# Beyond this a page says "1,000 and more"; nobody works down such a list today.
MOST_TASKS = 1000
MOST_MESSAGES = 50_000

_OWED = "SELECT 1 FROM crm_followup WHERE state IN ('open', 'taken')"
_MINE = " AND (assignee_id = {me} OR assignee_id IS NULL)"
_SOON = " AND due_on <= {until}"


def waiting(
    *, me: int, until: date, day: tuple[datetime, datetime]
) -> Mapping[str, int]:
    """What waits for a person, in one round trip; `day`: when today begins and ends."""
    begins, ends = day
    parts: dict[str, sql.Composable] = {
        "mine": sql.SQL(_OWED + _MINE + _SOON).format(
            me=sql.Literal(me), until=sql.Literal(until)
        ),
        "mine_all": sql.SQL(_OWED + _MINE).format(me=sql.Literal(me)),
        "team": sql.SQL(_OWED + _SOON).format(until=sql.Literal(until)),
        "done": sql.SQL(
            "SELECT 1 FROM crm_followup WHERE done_at >= {} AND done_at < {}"
            " AND state = 'done'"
        ).format(sql.Literal(begins), sql.Literal(ends)),
        "uncertain": sql.SQL(
            "SELECT 1 FROM messaging_message WHERE state = 'uncertain'"
            " AND final_at IS NOT NULL AND reason_code <> {}"
        ).format(sql.Literal(LEFT_AS_IS)),
        "held_reviews": sql.SQL("SELECT 1 FROM feedback_review WHERE state = 'held'"),
        "open_circuits": sql.SQL(
            "SELECT 1 FROM messaging_circuit WHERE state <> 'closed'"
        ),
    }
    query = sql.SQL("SELECT ") + sql.SQL(", ").join(
        sql.SQL("(SELECT count(*) FROM ({} LIMIT {}) AS few)").format(
            part, sql.Literal(MOST_TASKS)
        )
        for part in parts.values()
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(zip(parts, cursor.fetchone(), strict=True))


class Planned(NamedTuple):
    """So much planned mail of one kind; `is_today`: it leaves before today ends.

    `lapsing`: so many of them find room under the contact limit only after their end.
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
        "  (reason_data ->> 'fits_at')::timestamptz >= expires_at - {last_look})"
        " FROM (SELECT kind, deferred_reason, not_before, reason_data, expires_at"
        " FROM messaging_message"
        " WHERE state = 'planned' ORDER BY not_before, id LIMIT {most}) AS near"
        " GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3"
    ).format(
        until=sql.Literal(until),
        most=sql.Literal(MOST_MESSAGES),
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
