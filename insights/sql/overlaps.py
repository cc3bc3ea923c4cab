"""What the record, surveys and codes each say of how those who came had heard of us."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from psycopg.sql import SQL, Composable, Composed, Literal

from crm.sql import subscriptions
from insights.choices import Basis
from insights.sql.origins import gained_of

# "yes": by recommendation; "no": in another way; "": nothing. A code says yes alone:
# somebody used one that had been given to somebody else. Answers in confidence are left
# out.
_SAID = SQL("""
gained AS ({gained}), meant (version, question, choice) AS (VALUES {meant}),
answered AS (
    SELECT r.customer_id, bool_or(m.choice IS NOT NULL OR
        lower(replace(a.text, '-', ' ')) LIKE ANY ({patterns})) AS is_recommended
    FROM surveys_response r
    JOIN surveys_answer a ON a.response_id = r.id AND a.kind = 'source'
    LEFT JOIN meant m ON m.version = r.survey_version_id AND m.question = a.question
        AND m.choice = ANY (a.choices)
    WHERE r.state = 'confirmed' AND NOT r.is_confidential
        AND r.survey_version_id = ANY ({versions})
        AND r.customer_id IN (SELECT customer_id FROM gained)
    GROUP BY 1
), passed AS (
    SELECT DISTINCT o.customer_id
    FROM loyalty_redemption used
    JOIN loyalty_code c ON c.id = used.code_id
    JOIN loyalty_grant given ON given.id = c.grant_id
    JOIN crm_order o ON o.external_id = used.order_key
    WHERE used.state = 'redeemed' AND o.customer_id <> given.customer_id
        AND o.customer_id IN (SELECT customer_id FROM gained)
), said AS (
    SELECT g.customer_id,
        CASE WHEN g.source = '' THEN '' WHEN g.source = ANY ({sources}) THEN 'yes'
            ELSE 'no' END AS record,
        CASE WHEN a.customer_id IS NULL THEN '' WHEN a.is_recommended THEN 'yes'
            ELSE 'no' END AS survey,
        CASE WHEN p.customer_id IS NULL THEN '' ELSE 'yes' END AS code
    FROM gained g
    LEFT JOIN answered a ON a.customer_id = g.customer_id
    LEFT JOIN passed p ON p.customer_id = g.customer_id
)
""")
_ORDERED = SQL("SELECT customer_id, currency, total AS value FROM crm_ordersum")
_CONTRACTED = SQL("""
SELECT p.customer_id, p.currency, round(p.value * 12
    * greatest(least(coalesce(p.ends_on, {today}), {today}) - p.starts_on, 0)
    / 365.25, 4) AS value
FROM ({periods}) p
""")


_SAYS_YES = "'yes' IN (record, survey, code)"
_SAYS_NO = "'no' IN (record, survey, code)"
# Who is behind each figure: as insights/metrics/referrals.py tells them apart, of whom
# two or more say yes, who is in the high end, and what each way says by itself.
HEARD: Mapping[str, SQL] = {
    "heard-sure": SQL(f"{_SAYS_YES} AND NOT {_SAYS_NO}"),
    "heard-disputed": SQL(f"{_SAYS_YES} AND {_SAYS_NO}"),
    "heard-other": SQL(f"NOT {_SAYS_YES} AND {_SAYS_NO}"),
    "heard-unknown": SQL(f"NOT {_SAYS_YES} AND NOT {_SAYS_NO}"),
    "heard-twice": SQL(
        "cardinality(array_positions(ARRAY[record, survey, code], 'yes')) > 1"
    ),
    "heard-most": SQL(f"{_SAYS_YES} OR NOT {_SAYS_NO}"),
    **{
        f"heard-{way}-{said or 'nothing'}": SQL(f"{way} = '{said}'")
        for way in ("record", "survey", "code")
        for said in ("yes", "no", "")
        if (way, said) != ("code", "no")
    },
}


@dataclass(frozen=True)
class Meaning:
    """What counts as a recommendation. `sources`: of the record; `choices`: version,
    question and choice of surveys; `versions`: all that ask; `words`: parts of what
    somebody wrote instead of a choice."""

    sources: Collection[str]
    choices: Collection[tuple[int, str, str]]
    versions: Collection[int]
    words: Collection[str]


def people(
    basis: Basis, span: tuple[date, date], who: Composable, meaning: Meaning
) -> Composed:
    """One row for each combination: what the record, surveys and codes say, and of how
    many."""
    return SQL(
        "WITH {} SELECT record, survey, code, count(*)::int FROM said GROUP BY 1, 2, 3"
    ).format(_said(basis, span, who, meaning))


def ids(
    basis: Basis,
    span: tuple[date, date],
    who: Composable,
    meaning: Meaning,
    group: str,
) -> Composed:
    """Those of one group of HEARD, as a SELECT of ids."""
    said = _said(basis, span, who, meaning)
    return SQL("WITH {} SELECT customer_id FROM said WHERE {}").format(
        said, HEARD[group]
    )


def value(
    basis: Basis,
    span: tuple[date, date],
    today: date,
    who: Composable,
    meaning: Meaning,
) -> Composed:
    """The same by currency: what those of each combination have brought so far."""
    brought: Composable = _ORDERED
    if basis is Basis.CONTRACT:
        brought = _CONTRACTED.format(
            today=Literal(today), periods=subscriptions.periods()
        )
    return SQL(
        "WITH {said} SELECT s.record, s.survey, s.code, b.currency, sum(b.value)"
        " FROM said s JOIN ({brought}) b ON b.customer_id = s.customer_id"
        " GROUP BY 1, 2, 3, 4 ORDER BY 4"
    ).format(said=_said(basis, span, who, meaning), brought=brought)


def _said(
    basis: Basis, span: tuple[date, date], who: Composable, meaning: Meaning
) -> Composed:
    rows: list[Composable] = [
        SQL("({}::bigint, {}, {})").format(*map(Literal, row))
        for row in meaning.choices
    ]
    nothing = SQL("(NULL::bigint, NULL::text, NULL::text)")
    return _SAID.format(
        gained=gained_of(basis, span, who),
        meant=SQL(", ").join(rows or [nothing]),
        patterns=Literal([f"%{word}%" for word in meaning.words]),
        versions=Literal(list(meaning.versions)),
        sources=Literal(list(meaning.sources)),
    )
