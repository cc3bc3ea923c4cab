"""Who is asked again after a follow-up on an unhappy answer was closed."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection
from psycopg.sql import SQL, Composed, Literal

from messaging.kinds import Due, Window

# A day for zones on either side of a window of moments.
_A_DAY = timedelta(days=1)
# Follow-ups `f` with the answer `r` that opened them, its survey `s`, and what staff
# chose for answers of its band `a`; a follow-up is urgent where its answer's band is.
# OFFSET 0 has each answer looked up by key: joined, the planner compared every one of a
# survey with every follow-up.
_CLOSED = SQL("""
FROM crm_followup f
CROSS JOIN LATERAL (
    SELECT id, survey_id, state, confirmed_at FROM surveys_response
    WHERE id = CASE WHEN f.source_key ~ '^response:[0-9]{1,18}$'
        THEN substr(f.source_key, 10)::bigint END OFFSET 0
) r
JOIN surveys_survey s ON s.id = r.survey_id
LEFT JOIN surveys_afteranswer a ON a.survey_id = r.survey_id
    AND a.band = CASE WHEN f.is_urgent THEN 'urgent' ELSE 'low' END
""")
# Why nobody is asked again; empty where they are. Anyone who left is asked once why,
# and an answer that came since is not asked for.
_REOPENED, _NOT_ASKED = "superseded_follow_up_reopened", "not_asked_again"
_LEFT_OUT, _ANSWERED = "answer_left_out", "already_answered"
CODES = frozenset({_REOPENED, _NOT_ASKED, _LEFT_OUT, _ANSWERED})
_CODE = SQL("""
CASE WHEN f.state <> 'done' THEN {reopened}
     WHEN s.kind = 'exit' OR NOT coalesce(a.asks_again, true) THEN {not_asked}
     WHEN r.state <> 'confirmed' THEN {left_out}
     WHEN EXISTS (
         SELECT FROM surveys_response later
         WHERE later.customer_id = f.customer_id AND later.survey_id = r.survey_id
           AND later.state = 'confirmed' AND later.confirmed_at > r.confirmed_at
     ) THEN {answered}
     ELSE '' END
""").format(
    reopened=Literal(_REOPENED),
    not_asked=Literal(_NOT_ASKED),
    left_out=Literal(_LEFT_OUT),
    answered=Literal(_ANSWERED),
)
_DUE = SQL("""
SELECT customer_id, occurrence, due_on, why FROM (
    SELECT f.customer_id, 'follow_up:' || f.id AS occurrence,
        (f.done_at AT TIME ZONE {zone})::date + {days} AS due_on,
        jsonb_build_object('follow_up', f.id, 'survey', s.id, 'response', r.id) AS why
    {closed}
    WHERE f.done_at > {after} AND f.done_at < {until} AND {code} = ''
) closed
WHERE due_on BETWEEN {first_on} AND {last_on}
""")
_AGAIN = SQL("""
JOIN (
    SELECT DISTINCT ON (1, 2) f.customer_id,
        (f.done_at AT TIME ZONE {zone})::date + {days} AS due_on, s.id AS survey_id
    {closed}
    WHERE f.done_at > {after}
    ORDER BY 1, 2
) again ON again.customer_id = mail.customer_id AND again.due_on = mail.due_on
    AND mail.automation_id = {automation}
""")
_REFUSED = SQL("SELECT f.id, {code} {closed} WHERE f.id = ANY({ids}) AND {code} <> ''")


def due(window: Window, *, days: int, zone: str) -> Due:
    """Whose follow-up was closed so many days before a day of the window; the day is
    that of the shop's `zone`."""
    shift = timedelta(days=days)
    statement = _DUE.format(
        closed=_CLOSED,
        code=_CODE,
        zone=Literal(zone),
        days=Literal(days),
        # For the index; the exact day is compared below.
        after=Literal(window.after - shift - 2 * _A_DAY),
        until=Literal(window.until - shift + 2 * _A_DAY),
        first_on=Literal(window.first_on),
        last_on=Literal(window.last_on),
    )
    return Due(statement.as_string(None).replace("%", "%%"))


def asks(automation: int, *, days: int, zone: str, since: datetime) -> Composed:
    """Joins to `mail` of this automation, as a forecast has it, as `again` the id of
    the survey that it asks again; `since`: what is due from a month before then."""
    return _AGAIN.format(
        closed=_CLOSED,
        zone=Literal(zone),
        days=Literal(days),
        after=Literal(since - timedelta(days=days) - 30 * _A_DAY),
        automation=Literal(automation),
    )


def refused(follow_ups: Collection[int]) -> dict[int, str]:
    """Of these, which are not asked again, by the code of the reason."""
    statement = _REFUSED.format(
        closed=_CLOSED, code=_CODE, ids=Literal(list(follow_ups))
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return dict(cursor.fetchall())
