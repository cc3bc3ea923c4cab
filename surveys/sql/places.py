"""When the mails of a forecast have their places of a month, where there are only so
many (surveys/rules/places.py)."""

from collections.abc import Collection
from datetime import date

from psycopg.sql import SQL, Composable, Composed, Literal

# The others of the same survey stand in the same queue. Beside one that is off, they
# are those that come as things stand, from the forecast of all, and go first.
_OF_ALL = SQL("""
    SELECT id, greatest(due_on, {today}), expires_at::date, moment, false
    FROM mail WHERE automation_id = ANY({others})""")
_AS_THINGS_STAND = SQL("""
    SELECT 0, kept.day, kept.expires_at::date, kept.moment, false
    FROM messaging_forecastmail kept
    JOIN messaging_forecast plan
        ON plan.id = kept.forecast_id AND plan.automation_id IS NULL
    CROSS JOIN generate_series(1, kept.people)
    WHERE kept.automation_id = ANY({others})
      AND (kept.decision IN ('goes', 'waits')
           OR kept.decision = 'lapses' AND kept.reason_code = 'survey_month_full')""")
_ALSO = SQL("""
    UNION ALL
    SELECT mail.id, greatest(mail.due_on, {today}), mail.expires_at::date, mail.moment,
        false
    {of}""")
_OF_ONE = SQL("FROM mail WHERE mail.automation_id = {automation}")
_OF_AGAIN = SQL("FROM mail {again} WHERE again.survey_id = {survey}")
# First come, first served, over months: `n` is the place in the queue, `head` how many
# of it are gone or past before a day, `went` how many go on it. Places that nobody
# needed on a day are there on the later days of their month, and no longer.
_AHEAD = SQL("""
WITH RECURSIVE queue (id, day, until, moment, is_own) AS (
    SELECT mail.id, greatest(mail.due_on, {today}), mail.expires_at::date, mail.moment,
        true
    {own}
    UNION ALL {others}{again}
), come AS MATERIALIZED (
    SELECT id, day, until, is_own, row_number() OVER (ORDER BY day, moment, id) AS n
    FROM queue
), days AS (
    SELECT day::date, date_trunc('month', day)::date AS month
    FROM generate_series({today}::timestamp,
        (SELECT max(until) FROM come), interval '1 day') day
), steps AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY days.day) AS at, days.day, days.month,
        sum(coalesce(arriving.mails, 0)) OVER until_day AS came,
        sum(coalesce(ending.mails, 0)) OVER until_day AS past,
        greatest(0, ceil({most} * (days.day - days.month + 1)::numeric
            / extract(day FROM days.month + interval '1 month' - interval '1 day'))
            - CASE WHEN days.month = {month} THEN {asked} ELSE 0 END) AS let_in
    FROM days
    LEFT JOIN (SELECT day, count(*) AS mails FROM come GROUP BY 1) arriving
        ON arriving.day = days.day
    LEFT JOIN (SELECT until + 1 AS day, count(*) AS mails FROM come GROUP BY 1) ending
        ON ending.day = days.day
    WINDOW until_day AS (ORDER BY days.day)
), walk AS (
    SELECT at, day, month, past AS head, least(came - past, let_in) AS went,
        least(came - past, let_in) AS gone
    FROM steps WHERE at = 1
    UNION ALL
    SELECT next.at, next.day, next.month, place.head, place.went,
        place.before + place.went
    FROM walk JOIN steps next ON next.at = walk.at + 1
    CROSS JOIN LATERAL (
        SELECT greatest(walk.head + walk.went, next.past) AS head,
            CASE WHEN next.month = walk.month THEN walk.gone ELSE 0 END AS before
    ) start
    CROSS JOIN LATERAL (
        SELECT start.head, start.before, greatest(0, least(
            next.came - start.head, next.let_in - start.before)) AS went
    ) place
)
SELECT come.id, 'survey_month_full', walk.day
FROM come LEFT JOIN walk ON come.n > walk.head AND come.n <= walk.head + walk.went
WHERE come.is_own AND walk.day IS DISTINCT FROM come.day
""")


def of_one(automation: int) -> Composed:
    """The mails of an automation that asks one survey."""
    return _OF_ONE.format(automation=Literal(automation))


def of_again(survey: int, again: Composable) -> Composed:
    """Of one that asks many surveys again, those mails that ask this one; `again` joins
    which (surveys/sql/again.py)."""
    return _OF_AGAIN.format(again=again, survey=Literal(survey))


def ahead(
    most: int,
    *,
    asked: int,
    own: Composable,
    others: Collection[int],
    beside: Collection[Composable],
    is_on: bool,
    today: date,
) -> str:
    """Of `mail` those of `own` that wait: (id, code, the day of their place; none where
    their life ends before). `most`: a month; `asked`: in this one, by whichever;
    `others`: the automations that ask the same survey and are on, and `beside` the
    mails of those that ask it again; `is_on`: this one is, too, so that `mail` has
    theirs."""
    queued = _OF_ALL if is_on else _AS_THINGS_STAND
    also = [_ALSO.format(today=Literal(today), of=one) for one in beside]
    statement = _AHEAD.format(
        today=Literal(today),
        month=Literal(today.replace(day=1)),
        own=own,
        others=queued.format(
            today=Literal(today),
            others=Literal(sorted(others)),
        ),
        again=SQL("").join(also if is_on else []),
        most=Literal(most),
        asked=Literal(asked),
    )
    return statement.as_string(None).replace("%", "%%")
