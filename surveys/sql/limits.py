"""Who is not asked although they are due for a survey: one statement for the claim and
for the forecast.

Both give it their mails as `mail` (id, customer_id, due_on, moment), with what says
which survey each asks, and get back (id, code) of those that do not go.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from psycopg.sql import SQL, Composable, Composed, Literal

# Held until the commit by the claims that count a month's places. One lock for all
# surveys: two claims never wait for each other's.
PLACES_LOCK = 0x706C6163

# Of each survey, why nobody is asked it from a day on. Answers are counted no further
# than needed.
_SURVEYS = SQL("""
survey AS MATERIALIZED (
    SELECT s.id, s.sample_percent, s.ends_on, s.rest_after_ignored, s.rest_days,
        CASE WHEN s.state <> 'live' OR s.archived_at IS NOT NULL THEN 'survey_closed'
             WHEN s.ends_on < {today} THEN 'survey_ended'
             WHEN s.ends_after IS NOT NULL AND (
                 SELECT count(*) FROM (
                     SELECT FROM surveys_response r
                     WHERE r.survey_id = s.id AND r.state = 'confirmed'
                     LIMIT s.ends_after) answers
             ) >= s.ends_after THEN 'survey_has_enough'
             ELSE '' END AS over
    FROM surveys_survey s
    WHERE s.id = ANY({surveys})
)""")
_OVER = SQL("WITH {surveys} SELECT id, over FROM survey WHERE over <> ''")
# Invitations that went out and that nobody answers any more. Of the last ones in a row,
# of whatever survey, those without an answer were ignored.
_CLOSED = SQL("""(i.state IN ('answered', 'declined', 'expired')
    OR i.state = 'open' AND i.expires_at <= {now}
) AND coalesce(sent.state, 'sent') IN ('sent', 'uncertain')""")
# The sample is drawn as messaging.rules.holdout draws its lot (surveys.rules.sample):
# the first two bytes of sha256("survey-<id>:<customer>").
_JUDGED = SQL("""
judged AS MATERIALIZED (
    SELECT mail.id,
        CASE
            WHEN survey.over <> '' THEN survey.over
            WHEN survey.ends_on < mail.due_on THEN 'survey_ended'
            WHEN survey.sample_percent < 100 AND (
                SELECT (get_byte(ticket, 0) * 256 + get_byte(ticket, 1)) * 100
                    >= survey.sample_percent * 65536
                FROM sha256(convert_to(
                    'survey-' || survey.id || ':' || mail.customer_id, 'UTF8')) ticket
            ) THEN 'outside_sample'
            WHEN EXISTS (
                SELECT FROM surveys_invitation i
                WHERE i.customer_id = mail.customer_id AND i.state = 'declined'
                  AND i.declined_at::date + survey.rest_days
                      > greatest(mail.due_on, {today})
            ) THEN 'declined_survey'
            WHEN EXISTS (
                SELECT FROM (
                    SELECT i.state, i.invited_at FROM surveys_invitation i
                    LEFT JOIN messaging_message sent ON sent.id = i.message_id
                    WHERE i.customer_id = mail.customer_id
                      AND {closed}
                    ORDER BY i.invited_at DESC LIMIT survey.rest_after_ignored) lately
                HAVING count(*) = survey.rest_after_ignored
                   AND bool_and(lately.state <> 'answered')
                   AND max(lately.invited_at)::date + survey.rest_days
                       > greatest(mail.due_on, {today})
            ) THEN 'ignored_surveys'
            ELSE '' END AS code
    FROM mail {asks}
)""")
# Of the mails of a forecast their automation says which survey, of a message whoever
# asks.
_BY_AUTOMATION = SQL("""
    JOIN surveys_asking asking ON asking.automation_id = mail.automation_id
    JOIN survey ON survey.id = asking.survey_id""")
_BY_ITSELF = SQL("JOIN survey ON survey.id = mail.survey_id")
# The same by person: until when whoever declined or ignored them rests.
_RESTING = SQL("""
WITH closed AS (
    SELECT i.customer_id, i.state, i.invited_at, row_number() OVER (
        PARTITION BY i.customer_id ORDER BY i.invited_at DESC) AS n
    FROM surveys_invitation i
    LEFT JOIN messaging_message sent ON sent.id = i.message_id
    WHERE {closed}
), rests (customer_id, why, until) AS (
    SELECT i.customer_id, 'declined', max(i.declined_at::date) + {days}
    FROM surveys_invitation i
    WHERE i.state = 'declined' GROUP BY i.customer_id
    UNION ALL
    SELECT customer_id, 'ignored', max(invited_at)::date + {days}
    FROM closed WHERE n <= {ignored} GROUP BY customer_id
    HAVING count(*) = {ignored} AND bool_and(state <> 'answered')
)
SELECT customer_id, why || ' ' || until FROM rests WHERE until > {today}
""")
_REFUSED = SQL("WITH {surveys},{judged} SELECT id, code FROM judged WHERE code <> ''")
_OF_MESSAGES = SQL("""
WITH mail AS (
    SELECT id, asked.survey_id, customer_id, due_on, not_before AS moment
    FROM messaging_message
    JOIN unnest({ids}::bigint[], {asked}::bigint[]) asked (message_id, survey_id)
        ON asked.message_id = id
), refused AS ({refused})
SELECT id, code FROM refused
""")

# First mails that left, or are about to. What left ended no earlier than it was
# counted, so the index on its end finds those of the month. Anyone who is asked again,
# after a follow-up, is asked by an automation of many surveys: the mail names its own.
_ASKED = SQL("""
WITH asking AS MATERIALIZED (
    SELECT automation_id FROM surveys_asking WHERE survey_id = {survey}
), counted AS (
    SELECT automation_id, kind, why FROM messaging_message
    WHERE state IN ('sent', 'uncertain') AND final_at IS NOT NULL
      AND final_at >= {since} AND counted_at >= {since} AND step = 1
    UNION ALL
    SELECT automation_id, kind, why FROM messaging_message
    WHERE state IN ('claimed', 'handed') AND counted_at >= {since} AND step = 1
)
SELECT count(*) FROM counted
WHERE automation_id IN (SELECT automation_id FROM asking)
   OR kind = 'survey_again' AND (why ->> 'survey')::bigint = {survey}
""")


@dataclass(frozen=True)
class Moment:
    """When it is asked: now, and the day of the shop."""

    now: datetime
    today: date

    def parts(self) -> dict[str, Composable]:
        """For the statements above."""
        now = Literal(self.now)
        closed = _CLOSED.format(now=now)
        return {"now": now, "today": Literal(self.today), "closed": closed}


def over(surveys: Collection[int], at: Moment) -> dict[int, str]:
    """Of these surveys, those that nobody is asked now: id to code."""
    found = _OVER.format(surveys=_surveys(surveys, at))
    return dict(_rows(found))


def refused(asked: Mapping[int, int], at: Moment) -> dict[int, str]:
    """Of these messages, by id with the survey that each asks, those that do not go: id
    to code."""
    statement = _REFUSED.format(
        surveys=_surveys(set(asked.values()), at),
        judged=_JUDGED.format(asks=_BY_ITSELF, **at.parts()),
    )
    ids, surveys = Literal(list(asked)), Literal(list(asked.values()))
    return dict(_rows(_OF_MESSAGES.format(ids=ids, asked=surveys, refused=statement)))


def ahead(
    surveys: Collection[int], at: Moment, asks: Composable = _BY_AUTOMATION
) -> str:
    """The same of `mail` in the days ahead. `asks`: joins to it the `survey` that each
    asks, one of these."""
    statement = _REFUSED.format(
        surveys=_surveys(surveys, at),
        judged=_JUDGED.format(asks=asks, **at.parts()),
    )
    return statement.as_string(None).replace("%", "%%")


def resting(ignored: int | None, days: int, at: Moment) -> str:
    """Of people who rest for so many days after they declined a survey, or `ignored` so
    many (None: that does not count): rows of (customer_id, why and until when)."""
    statement = _RESTING.format(
        ignored=Literal(ignored), days=Literal(days), **at.parts()
    )
    return statement.as_string(None)


def asked_since(survey: int, since: datetime) -> int:
    """How many were asked it since then, by whatever automation."""
    statement = _ASKED.format(survey=Literal(survey), since=Literal(since))
    with connection.cursor() as cursor:
        cursor.execute(statement)
        (count,) = cursor.fetchone()
    return int(count)


def lock_places() -> None:
    """Ours until the commit: nobody else counts the places of a month meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PLACES_LOCK])


def _surveys(surveys: Collection[int], at: Moment) -> Composed:
    return _SURVEYS.format(surveys=Literal(sorted(surveys)), today=Literal(at.today))


def _rows(statement: Composed) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[tuple[int, str]] = cursor.fetchall()
    return found
