"""Confirmed answers by span and by group, counted in one scan of the index by survey.

Days are the shop's: moments come in as the ends of spans, worked out by the caller.
"""

from collections.abc import Sequence
from datetime import datetime

from psycopg.sql import SQL, Composable, Composed, Literal

_BANDS = SQL(
    "count(*) FILTER (WHERE r.score >= 9), count(*) FILTER (WHERE r.score IN (7, 8)),"
    " count(*) FILTER (WHERE r.score <= 6)"
)
_CONFIRMED = SQL(
    "r.survey_id = {survey} AND r.state = 'confirmed' AND r.scale = 'nps'"
    " AND r.confirmed_at >= {first} AND r.confirmed_at < {last}"
)
# Who answered, how often in each span, and the sum of +1, 0 and -1.
_BY_PERSON = SQL(
    """SELECT r.customer_id,
    count(*) FILTER (WHERE r.confirmed_at < {middle}) AS k1,
    coalesce(sum({sign}) FILTER (WHERE r.confirmed_at < {middle}), 0) AS x1,
    count(*) FILTER (WHERE r.confirmed_at >= {middle}) AS k2,
    coalesce(sum({sign}) FILTER (WHERE r.confirmed_at >= {middle}), 0) AS x2
FROM surveys_response r WHERE {confirmed} AND {who} GROUP BY 1"""
)
_SIGN = SQL("(r.score >= 9)::int - (r.score <= 6)::int")
_GROUPS = {
    "country": (
        SQL("JOIN crm_customer c ON c.id = r.customer_id"),
        SQL("c.country"),
    ),
    "language": (SQL(""), SQL("r.language")),
    # Of an order with several products the answer counts for each of them.
    "product": (
        SQL(
            "JOIN surveys_invitation i ON i.id = r.invitation_id"
            " JOIN (SELECT DISTINCT order_id, product_id FROM crm_orderline"
            " WHERE nature = 'purchase') l ON l.order_id = i.order_id"
        ),
        SQL("l.product_id::text"),
    ),
}
GROUPS = tuple(_GROUPS)

Span = tuple[datetime, datetime]


def bands(survey: int, spans: Sequence[Span], who: Composable) -> Composed:
    """For each span that has answers: its place, promoters, passives, detractors. Spans
    may overlap. `who`: a condition on the response `r`."""
    rows = SQL(", ").join(
        SQL("({}, {}, {})").format(Literal(at), Literal(first), Literal(last))
        for at, (first, last) in enumerate(spans)
    )
    whole = (min(first for first, _ in spans), max(last for _, last in spans))
    return SQL(
        "SELECT s.at, {bands} FROM surveys_response r JOIN (VALUES {rows})"
        " AS s (at, first, last)"
        " ON r.confirmed_at >= s.first AND r.confirmed_at < s.last"
        " WHERE {confirmed} AND {who} GROUP BY 1"
    ).format(bands=_BANDS, rows=rows, confirmed=_confirmed(survey, whole), who=who)


def groups(survey: int, span: Span, by: str) -> Composed:
    """For each value of one of GROUPS: it, promoters, passives and detractors; those
    with most answers first."""
    join, value = _GROUPS[by]
    return SQL(
        "SELECT {value}, {bands} FROM surveys_response r {join} WHERE {confirmed}"
        " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 50"
    ).format(value=value, bands=_BANDS, join=join, confirmed=_confirmed(survey, span))


def products_of_people(
    survey: int, before: Span, after: Span, who: Composable
) -> Composed:
    """The sums over people that a clustered variance is made of, in the order of
    surveys.rules.PersonSums. The spans are neighbours."""
    by_person = _BY_PERSON.format(
        middle=Literal(after[0]),
        sign=_SIGN,
        confirmed=_confirmed(survey, (before[0], after[1])),
        who=who,
    )
    return SQL(
        "SELECT coalesce(sum(k1 * k1), 0), coalesce(sum(k1 * x1), 0),"
        " coalesce(sum(x1 * x1), 0), coalesce(sum(k2 * k2), 0),"
        " coalesce(sum(k2 * x2), 0), coalesce(sum(x2 * x2), 0),"
        " coalesce(sum(k1 * k2), 0), coalesce(sum(k1 * x2), 0),"
        " coalesce(sum(x1 * k2), 0), coalesce(sum(x1 * x2), 0) FROM ({}) people"
    ).format(by_person)


def of_people(ids: Composable) -> Composed:
    """Answers of the customers of a SELECT of ids."""
    return SQL("r.customer_id IN ({})").format(ids)


def _confirmed(survey: int, span: Span) -> Composed:
    return _CONFIRMED.format(
        survey=Literal(survey), first=Literal(span[0]), last=Literal(span[1])
    )
