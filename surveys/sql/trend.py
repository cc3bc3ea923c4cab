"""Confirmed answers counted one by one: of a segment, or before they were summed up.

One scan of the index by survey. Days are the shop's: moments come in as the ends of
spans, worked out by the caller.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg.sql import SQL, Composable, Composed, Literal

from surveys.choices import CountedBy
from surveys.rules.questionnaire import Scale
from web.rules.numbers import whole_number

EVERYBODY = SQL("true")
WITHOUT_CONFIDENTIAL = SQL("NOT r.is_confidential")
_CONFIRMED = SQL(
    "r.survey_id = {survey} AND r.state = 'confirmed' AND r.scale = {scale}"
    " AND r.confirmed_at >= {first} AND r.confirmed_at < {last}"
)
# Who answered, how often in each span, and the sum of what each answer is worth.
# Without a customer every answer is somebody of their own.
_BY_PERSON = SQL(
    """SELECT {value} AS value, coalesce(r.customer_id, -r.id) AS person,
    count(*) FILTER (WHERE r.confirmed_at < {middle}) AS k1,
    coalesce(sum({worth}) FILTER (WHERE r.confirmed_at < {middle}), 0) AS x1,
    count(*) FILTER (WHERE r.confirmed_at >= {middle}) AS k2,
    coalesce(sum({worth}) FILTER (WHERE r.confirmed_at >= {middle}), 0) AS x2
FROM surveys_response r {join}
WHERE {confirmed} AND (r.confirmed_at < {ends} OR r.confirmed_at >= {middle}) AND {who}
GROUP BY 1, 2"""
)
_WORTH = {
    Scale.NPS: SQL("(r.score >= 9)::int - (r.score <= 6)::int"),
    Scale.CSAT: SQL("(r.score >= 4)::int"),
    Scale.CES: SQL("r.score::int"),
}
_VALUES = {
    CountedBy.ALL: SQL("''"),
    CountedBy.COUNTRY: SQL("r.country"),
    CountedBy.LANGUAGE: SQL("r.language"),
    CountedBy.OWNER: SQL("coalesce(r.owner_id::text, '')"),
    CountedBy.VERSION: SQL("r.survey_version_id::text"),
    # Of an order with several products the answer counts for each of them.
    CountedBy.PRODUCT: SQL("product::text"),
}
_PRODUCTS = SQL("CROSS JOIN unnest(r.product_ids) product")

Span = tuple[datetime, datetime]


def by_span(
    survey: int, scale: str, spans: Sequence[Span], who: Composable
) -> Composed:
    """For each span that has answers: its place, a score and how many gave it. Spans
    may overlap. `who`: a condition on the response `r`."""
    rows = SQL(", ").join(
        SQL("({}, {}, {})").format(Literal(at), Literal(first), Literal(last))
        for at, (first, last) in enumerate(spans)
    )
    whole = (min(first for first, _ in spans), max(last for _, last in spans))
    return SQL(
        "SELECT s.at, coalesce(r.score, -1), count(*)::int FROM surveys_response r"
        " JOIN (VALUES {rows}) AS s (at, first, last)"
        " ON r.confirmed_at >= s.first AND r.confirmed_at < s.last"
        " WHERE {confirmed} AND {who} GROUP BY 1, 2"
    ).format(rows=rows, confirmed=_confirmed(survey, scale, whole), who=who)


def by_value(
    survey: int,
    scale: str,
    spans: Sequence[Span],
    by: CountedBy,
    who: Composable,
    most: int,
) -> Composed:
    """For each of the values of one group that have most answers in the first span: it,
    a score and how many gave it in each of the spans."""
    counted = [
        SQL(
            "count(*) FILTER (WHERE r.confirmed_at >= {} AND r.confirmed_at < {})"
        ).format(Literal(first), Literal(last))
        for first, last in spans
    ]
    whole = min(first for first, _ in spans), max(last for _, last in spans)
    return SQL(
        "WITH summed AS (SELECT {value} AS value, r.score,"
        " ARRAY[{counted}]::int[] AS counted"
        " FROM surveys_response r {join} WHERE {confirmed} AND {who} GROUP BY 1, 2),"
        " ranked AS (SELECT value FROM summed WHERE counted[1] > 0 GROUP BY 1"
        " ORDER BY sum(counted[1]) DESC, 1 LIMIT {most})"
        " SELECT value, score, counted FROM summed JOIN ranked USING (value)"
    ).format(
        value=_VALUES[by],
        counted=SQL(", ").join(counted),
        join=_PRODUCTS if by is CountedBy.PRODUCT else SQL(""),
        confirmed=_confirmed(survey, scale, whole),
        who=who,
        most=Literal(most),
    )


def by_month(
    survey: int,
    scale: str,
    span: Span,
    zone: str,
    by: CountedBy,
    who: Composable,
    most: int,
) -> Composed:
    """The same with the first day of the month of the zone in which they were given, of
    `most` values: it, the month, a score and how many gave it."""
    return SQL(
        "WITH summed AS (SELECT {value} AS value,"
        " date_trunc('month', r.confirmed_at AT TIME ZONE {zone})::date AS month,"
        " r.score, count(*)::int AS n"
        " FROM surveys_response r {join} WHERE {confirmed} AND {who} GROUP BY 1, 2, 3),"
        " ranked AS (SELECT value FROM summed GROUP BY 1"
        " ORDER BY sum(n) DESC, 1 LIMIT {most})"
        " SELECT value, month, score, n FROM summed JOIN ranked USING (value)"
    ).format(
        value=_VALUES[by],
        zone=Literal(zone),
        join=_PRODUCTS if by is CountedBy.PRODUCT else SQL(""),
        confirmed=_confirmed(survey, scale, span),
        who=who,
        most=Literal(most),
    )


def by_question(survey: int, span: Span, who: Composable) -> Composed:
    """Of the further questions in a span: question, value, score and how many."""
    return SQL(
        "SELECT a.question, t.value, t.score, count(*)::int FROM surveys_response r"
        " JOIN surveys_answer a ON a.response_id = r.id"
        " CROSS JOIN LATERAL surveys_told(a.number, a.choices) t"
        " WHERE r.survey_id = {survey} AND r.state = 'confirmed'"
        " AND r.confirmed_at >= {first} AND r.confirmed_at < {last} AND {who}"
        " GROUP BY 1, 2, 3"
    ).format(
        survey=Literal(survey),
        first=Literal(span[0]),
        last=Literal(span[1]),
        who=who,
    )


def products_of_people(
    survey: int,
    scale: Scale,
    by: CountedBy,
    before: Span,
    after: Span,
    who: Composable,
) -> Composed:
    """For each value of a group, it and the sums over people that a clustered variance
    is made of, in the order of surveys.rules.PersonSums. The spans do not overlap."""
    by_person = _BY_PERSON.format(
        value=_VALUES[by],
        join=_PRODUCTS if by is CountedBy.PRODUCT else SQL(""),
        ends=Literal(before[1]),
        middle=Literal(after[0]),
        worth=_WORTH[scale],
        confirmed=_confirmed(survey, scale.value, (before[0], after[1])),
        who=who,
    )
    return SQL(
        "SELECT value, sum(k1 * k1)::bigint, sum(k1 * x1)::bigint,"
        " sum(x1 * x1)::bigint, sum(k2 * k2)::bigint, sum(k2 * x2)::bigint,"
        " sum(x2 * x2)::bigint, sum(k1 * k2)::bigint, sum(k1 * x2)::bigint,"
        " sum(x1 * k2)::bigint, sum(x1 * x2)::bigint FROM ({}) people GROUP BY 1"
    ).format(by_person)


def of_people(ids: Composable) -> Composed:
    """Answers of the customers of a SELECT of ids, who are found once: without what
    PostgreSQL knows of sizes it would look for them again for every answer."""
    return SQL(
        "r.customer_id IN (WITH people AS MATERIALIZED ({}) SELECT * FROM people)"
    ).format(ids)


def of_value(by: CountedBy, value: str) -> Composed:
    """Answers that count in one value of a group."""
    if by is CountedBy.PRODUCT:
        number = whole_number(value) or -1
        return SQL("r.product_ids @> ARRAY[{}]::bigint[]").format(Literal(number))
    return SQL("{} = {}").format(_VALUES[by], Literal(value))


def of_link(link: int, told: Mapping[str, str]) -> Composed:
    """Answers that came by one link, and had this in its address besides."""
    return SQL("r.link_id = {} AND r.declared @> {}::jsonb").format(
        Literal(link), Literal(json.dumps(dict(told)))
    )


def _confirmed(survey: int, scale: str, span: Span) -> Composed:
    return _CONFIRMED.format(
        survey=Literal(survey),
        scale=Literal(scale),
        first=Literal(span[0]),
        last=Literal(span[1]),
    )
