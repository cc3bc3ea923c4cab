"""Answers counted beforehand: added up from the rows that triggers write, and read.

What an answer counts as depends on its own row alone: country, owner, version and
products were copied into it when it was given. So the sums can be made again from the
answers at any time and are the same.
"""

from collections.abc import Sequence
from datetime import date

from psycopg.sql import SQL, Composed, Literal

# In which value of a group a row `d` of the deltas counts; in several products.
_VALUE_IN = {
    "country": SQL("d.country"),
    "language": SQL("d.language"),
    "owner": SQL("coalesce(d.owner_id::text, '')"),
    "version": SQL("coalesce(d.version_id::text, '')"),
}
_PRODUCTS = SQL("CROSS JOIN unnest(d.product_ids) product")
# One line for each cell that it counts in.
_PLACES = SQL(
    """CROSS JOIN LATERAL (
    SELECT 'all' AS by, d.day AS place_day, d.value AS place
    UNION ALL SELECT g.by, date_trunc('month', d.day)::date, g.place
    FROM (VALUES {values}) g (by, place)
    WHERE d.question = ''
    UNION ALL SELECT 'product', date_trunc('month', d.day)::date, product::text
    FROM unnest(d.product_ids) product WHERE d.question = ''
) p"""
).format(
    values=SQL(", ").join(
        SQL("({}, {})").format(Literal(by), value) for by, value in _VALUE_IN.items()
    )
)
_KEY = SQL("survey_id, question, scale, by, day, value, score")
_SUMMED = SQL(
    "SELECT d.survey_id, d.question, d.scale, p.by, p.place_day, p.place, d.score,"
    " sum(d.change)::int AS count FROM d {places} GROUP BY 1, 2, 3, 4, 5, 6, 7"
).format(places=_PLACES)

# In a transaction of its own, one at a time.
LOCK = SQL("SELECT pg_advisory_xact_lock(hashtextextended('surveys_cells', 0))")

# Takes %(most)s deltas, the oldest, and says how many there were.
FOLD = SQL(
    """WITH taken AS (
    DELETE FROM surveys_celldelta WHERE id IN (
        SELECT id FROM surveys_celldelta ORDER BY id LIMIT %(most)s)
    RETURNING *
), d AS (
    SELECT *, (at AT TIME ZONE %(zone)s)::date AS day FROM taken
), s AS MATERIALIZED (
    {summed} HAVING sum(d.change) <> 0
), known AS (
    UPDATE surveys_cell c SET count = c.count + s.count FROM s WHERE {same}
), fresh AS (
    INSERT INTO surveys_cell ({key}, count) SELECT * FROM s
    WHERE NOT EXISTS (SELECT 1 FROM surveys_cell c WHERE {same})
)
SELECT count(*) FROM taken"""
).format(
    key=_KEY,
    summed=_SUMMED,
    same=SQL(
        "(c.survey_id, c.question, c.scale, c.by, c.day, c.value, c.score)"
        " = (s.survey_id, s.question, s.scale, s.by, s.place_day, s.place, s.score)"
    ),
)
SWEEP = SQL("DELETE FROM surveys_cell WHERE count = 0")

# What all confirmed answers say, as the triggers would have written it.
_TOLD = SQL(
    """SELECT r.survey_id, r.confirmed_at AS at, ''::text AS question, r.scale,
    ''::text AS value, coalesce(r.score, -1) AS score, 1 AS change, r.country,
    r.language, r.owner_id, r.survey_version_id AS version_id, r.product_ids
FROM surveys_response r WHERE r.state = 'confirmed'
UNION ALL
SELECT r.survey_id, r.confirmed_at, a.question, '', t.value, t.score, 1, '', '', NULL,
    NULL, '{{}}'::bigint[]
FROM surveys_answer a JOIN surveys_response r ON r.id = a.response_id
CROSS JOIN LATERAL surveys_told(a.number, a.choices) t
WHERE r.state = 'confirmed'"""
).format()
# Everything anew, by one statement: deltas of later commits are added afterwards.
RECOUNT = SQL(
    """WITH gone AS (DELETE FROM surveys_celldelta),
d AS (SELECT *, (at AT TIME ZONE %(zone)s)::date AS day FROM ({told}) x)
INSERT INTO surveys_cell ({key}, count) {summed}"""
).format(told=_TOLD, key=_KEY, summed=_SUMMED)
# The same sums beside those that are kept: what differs. For tests and the doctor.
DIFFERENT = SQL(
    """WITH kept AS (
    SELECT {key}, count FROM surveys_cell
), waiting AS (
    SELECT d.survey_id, d.question, d.scale, p.by, p.place_day AS day, p.place AS value,
        d.score, d.change AS count
    FROM (SELECT *, (at AT TIME ZONE %(zone)s)::date AS day FROM surveys_celldelta) d
    {places}
), now AS (
    SELECT {key}, sum(count)::int AS count
    FROM (SELECT * FROM kept UNION ALL SELECT * FROM waiting) x
    GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(count) <> 0
), d AS (
    SELECT *, (at AT TIME ZONE %(zone)s)::date AS day FROM ({told}) x
), anew AS ({summed})
(SELECT 'kept', now.* FROM now EXCEPT SELECT 'kept', anew.* FROM anew)
UNION ALL (SELECT 'anew', anew.* FROM anew EXCEPT SELECT 'anew', now.* FROM now)"""
).format(key=_KEY, told=_TOLD, summed=_SUMMED, places=_PLACES)


def by_stretch(survey: int, scale: str, zone: str, begins: Sequence[date]) -> Composed:
    """For each stretch of days that has answers: its place, a score and how many gave
    it. They begin on these days, each ends before the next one, and the last of them
    only ends."""
    return SQL(
        """SELECT width_bucket(day, {begins}::date[]) - 1, score, sum(count)::int
FROM (
    SELECT day, score, count FROM surveys_cell
    WHERE survey_id = {survey} AND question = '' AND scale = {scale} AND by = 'all'
        AND day >= {first} AND day < {last}
    UNION ALL
    SELECT (at AT TIME ZONE {zone})::date, score, change FROM surveys_celldelta
    WHERE survey_id = {survey} AND question = '' AND scale = {scale}
) c WHERE day >= {first} AND day < {last}
GROUP BY 1, 2 HAVING sum(count) > 0"""
    ).format(
        begins=list(begins),
        first=Literal(begins[0]),
        last=Literal(begins[-1]),
        survey=Literal(survey),
        scale=Literal(scale),
        zone=Literal(zone),
    )


def by_value(
    survey: int,
    scale: str,
    zone: str,
    by: str,
    spans: Sequence[tuple[date, date]],
    most: int,
) -> Composed:
    """For each of the values of one group that have most answers in the first span of
    months: it, a score and how many gave it in each of the spans. The spans: the first
    day of the first month and of the last."""
    counted = [
        SQL("sum(count) FILTER (WHERE month BETWEEN {} AND {})").format(
            Literal(first), Literal(last)
        )
        for first, last in spans
    ]
    whole = min(first for first, _ in spans), max(last for _, last in spans)
    return SQL(
        """WITH told AS ({told}), summed AS (
    SELECT value, score, ARRAY[{counted}]::int[] AS counted FROM told GROUP BY 1, 2
), ranked AS (
    SELECT value FROM summed WHERE counted[1] > 0
    GROUP BY 1 ORDER BY sum(counted[1]) DESC, 1 LIMIT {most}
)
SELECT value, score, counted FROM summed JOIN ranked USING (value)"""
    ).format(
        told=_told(survey, scale, zone, by, whole),
        counted=SQL(", ").join(counted),
        most=Literal(most),
    )


def by_month(
    survey: int, scale: str, zone: str, by: str, months: tuple[date, date], most: int
) -> Composed:
    """The same with the first day of the month in which they were given, of `most`
    values: it, the month, a score and how many gave it."""
    return SQL(
        """WITH told AS ({told}), ranked AS (
    SELECT value FROM told GROUP BY 1 ORDER BY sum(count) DESC, 1 LIMIT {most}
)
SELECT value, month, score, sum(count)::int FROM told JOIN ranked USING (value)
GROUP BY 1, 2, 3 HAVING sum(count) > 0"""
    ).format(told=_told(survey, scale, zone, by, months), most=Literal(most))


def _told(
    survey: int, scale: str, zone: str, by: str, months: tuple[date, date]
) -> Composed:
    """Value, month, score and count of one group: the cells, and what waits."""
    is_product = by == "product"
    return SQL(
        """SELECT value, day AS month, score, count FROM surveys_cell
    WHERE survey_id = {survey} AND question = '' AND scale = {scale} AND by = {by}
        AND day BETWEEN {first} AND {last}
    UNION ALL
    SELECT {value}, d.month, d.score, d.change
    FROM (SELECT *, date_trunc('month', at AT TIME ZONE {zone})::date AS month
        FROM surveys_celldelta
        WHERE survey_id = {survey} AND question = '' AND scale = {scale}) d {join}
    WHERE d.month BETWEEN {first} AND {last}"""
    ).format(
        survey=Literal(survey),
        scale=Literal(scale),
        zone=Literal(zone),
        by=Literal(by),
        first=Literal(months[0]),
        last=Literal(months[1]),
        value=SQL("product::text") if is_product else _VALUE_IN[by],
        join=_PRODUCTS if is_product else SQL(""),
    )


def by_question(survey: int, zone: str, days: tuple[date, date]) -> Composed:
    """Of the further questions in a span: question, value, score and how many."""
    return SQL(
        """SELECT question, value, score, sum(count)::int FROM (
    SELECT question, value, score, count FROM surveys_cell
    WHERE survey_id = {survey} AND question > '' AND scale = '' AND by = 'all'
        AND day BETWEEN {first} AND {last}
    UNION ALL
    SELECT question, value, score, change FROM surveys_celldelta
    WHERE survey_id = {survey} AND question > ''
        AND (at AT TIME ZONE {zone})::date BETWEEN {first} AND {last}
) c GROUP BY 1, 2, 3 HAVING sum(count) > 0"""
    ).format(
        survey=Literal(survey),
        zone=Literal(zone),
        first=Literal(days[0]),
        last=Literal(days[1]),
    )
