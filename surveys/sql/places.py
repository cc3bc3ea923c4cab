"""When the mails of a forecast have their places of a month, where there are only so
many (surveys/rules/places.py)."""

from datetime import date

from psycopg.sql import SQL, Literal

# First come, first served, over months: `n` is the place in the queue, `head` how many
# of it are gone or past before a day, `went` how many go on it. Places that nobody
# needed on a day are there on the later days of their month, and no longer.
_AHEAD = SQL("""
WITH RECURSIVE come AS MATERIALIZED (
    SELECT id, greatest(due_on, {today}) AS day, expires_at::date AS until,
        row_number() OVER (ORDER BY greatest(due_on, {today}), moment, id) AS n
    FROM mail WHERE automation_id = {automation}
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
WHERE walk.day IS DISTINCT FROM come.day
""")


def ahead(most: int, *, asked: int, automation: int, today: date) -> str:
    """Of `mail` those of this automation that wait: (id, code, the day of their place;
    none where their life ends before). `most`: a month; `asked`: in this one."""
    statement = _AHEAD.format(
        today=Literal(today),
        month=Literal(today.replace(day=1)),
        automation=Literal(automation),
        most=Literal(most),
        asked=Literal(asked),
    )
    return statement.as_string(None).replace("%", "%%")
