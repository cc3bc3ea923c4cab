"""Which records may be one person: of one person by indexes, of all by equal values."""

from collections.abc import Mapping

from django.db import connection
from psycopg.sql import SQL, Composed, Literal

from crm.rules import likeness
from crm.rules.likeness import Likeness

_LIVE = SQL("c.merged_into_id IS NULL AND c.erased_at IS NULL")
_NAMED = SQL("c.sort_name <> ''")
_BIRTHDAY = SQL("(c.birth_month * 100) + c.birth_day")
# Two birthdays that do not contradict each other.
_SAME_YEAR = SQL(
    "(a.birth_year IS NULL OR b.birth_year IS NULL OR a.birth_year = b.birth_year)"
)

# --- Of one person -------------------------------------------------------------------

# The names of the constants are those of the columns; an empty value finds nobody.
OF_ONE = SQL(
    """
WITH found AS (
    (SELECT c.id, 'email' AS reason FROM crm_customer c
     WHERE c.email_norm = %(email_norm)s AND %(email_norm)s <> '' AND {live}
     LIMIT {most})
    UNION ALL
    (SELECT c.id, 'phone' FROM crm_customer c
     WHERE c.phone_e164 = %(phone_e164)s AND %(phone_e164)s <> '' AND {live}
     LIMIT {most})
    UNION ALL
    SELECT c.id, 'birthday' FROM crm_customer c
    WHERE {birthday} = %(birthday)s AND {live}
        AND (c.birth_year IS NULL OR %(birth_year)s::int IS NULL
            OR c.birth_year = %(birth_year)s)
        AND similarity(c.sort_name, %(sort_name)s) >= {near}
    UNION ALL
    SELECT c.id, 'company' FROM crm_customer c
    WHERE lower(c.organisation) = lower(%(organisation)s) AND c.organisation <> ''
        AND {live} AND similarity(c.sort_name, %(sort_name)s) >= {near}
)
SELECT f.id, array_agg(DISTINCT f.reason)
    || CASE WHEN %(sort_name)s <> '' AND min(c.sort_name) = %(sort_name)s
        THEN ARRAY['name'] ELSE ARRAY[]::text[] END
FROM found f JOIN crm_customer c ON c.id = f.id
WHERE f.id <> %(itself)s
    AND NOT EXISTS (SELECT FROM crm_differentpeople d
        WHERE d.first_id = least(f.id, %(itself)s)
            AND d.second_id = greatest(f.id, %(itself)s))
GROUP BY f.id
"""
).format(
    live=_LIVE,
    birthday=_BIRTHDAY,
    near=Literal(likeness.NEAR),
    most=Literal(likeness.MOST_SHARING + 1),
)

# --- Of everybody --------------------------------------------------------------------

_PUT = """
INSERT INTO crm_likelypair AS known
    (first_id, second_id, reasons, strength, is_exact, found_at)
SELECT p.first, p.second, p.reasons, 0, p.is_exact, %(now)s FROM ({pairs}) p
WHERE NOT EXISTS (SELECT FROM different d
    WHERE d.first = p.first AND d.second = p.second)
ON CONFLICT (first_id, second_id) DO UPDATE SET
    reasons = CASE WHEN known.found_at < excluded.found_at THEN excluded.reasons
        ELSE ARRAY(SELECT DISTINCT unnest(known.reasons || excluded.reasons)) END,
    is_exact = excluded.is_exact
        OR (known.is_exact AND known.found_at = excluded.found_at),
    found_at = excluded.found_at
"""
# What was said of a record holds for the one that it was merged into.
_DIFFERENT = """
WITH different AS (
    SELECT least(coalesce(a.merged_into_id, a.id), coalesce(b.merged_into_id, b.id))
            AS first,
        greatest(coalesce(a.merged_into_id, a.id), coalesce(b.merged_into_id, b.id))
            AS second
    FROM crm_differentpeople d
    JOIN crm_customer a ON a.id = d.first_id
    JOIN crm_customer b ON b.id = d.second_id)
"""
_SAME_VALUE = """
    SELECT a.id AS first, b.id AS second,
        CASE WHEN a.sort_name <> '' AND a.sort_name = b.sort_name
            THEN ARRAY[{reason}, 'name'] ELSE ARRAY[{reason}] END AS reasons,
        a.sort_name <> '' AND a.sort_name = b.sort_name AND {same_year}
            AND coalesce(a.day = b.day, true) AND {no_doubt} AS is_exact
    FROM valued a JOIN valued b ON a.value = b.value AND a.id < b.id
"""
_VALUED = """
, valued AS MATERIALIZED (
    SELECT * FROM (
        SELECT c.id, c.sort_name, c.birth_year, c.email_norm, {birthday} AS day,
            c.{column} AS value, count(*) OVER (PARTITION BY c.{column}) AS sharing
        FROM crm_customer c WHERE c.{column} <> '' AND {live}) all_of_them
    WHERE sharing BETWEEN 2 AND {most})
"""
# Names that are near have at least one part that begins with the same two letters; so
# only those are compared, letter by letter.
_NEAR_NAMES = """
    SELECT DISTINCT a.id AS first, b.id AS second,
        CASE WHEN a.sort_name = b.sort_name
            THEN ARRAY[{reason}, 'name'] ELSE ARRAY[{reason}] END AS reasons,
        false AS is_exact
    FROM parts a JOIN parts b
        ON a.value = b.value AND a.part = b.part AND a.id < b.id
    WHERE {same_year} AND similarity(a.sort_name, b.sort_name) >= {near}
"""
_PARTS = """
, people AS (
    SELECT c.id, c.sort_name, c.birth_year, {value} AS value FROM crm_customer c
    WHERE {has_value} AND {named} AND {live}
), crowded AS (
    SELECT *, count(*) OVER (PARTITION BY value) AS together FROM people
), parts AS MATERIALIZED (
    SELECT * FROM (
        SELECT *, count(*) OVER (PARTITION BY value, part) AS alike FROM (
            SELECT DISTINCT p.id, p.sort_name, p.birth_year, p.value,
                left(word, 2) AS part
            FROM crowded p, unnest(string_to_array(p.sort_name, ' ')) AS word
            WHERE p.together > 1) each_part) counted
    WHERE alike BETWEEN 2 AND {most})
"""
_RANK = """
UPDATE crm_likelypair SET strength = (
    SELECT sum(CASE reason {weights} ELSE 0 END) FROM unnest(reasons) reason)
WHERE found_at = %(now)s
"""
_FORGET = "DELETE FROM crm_likelypair WHERE found_at < %(now)s"


def _same_value(column: str, reason: Likeness, no_doubt: str = "true") -> Composed:
    valued = SQL(_VALUED).format(
        column=SQL(column),
        birthday=_BIRTHDAY,
        live=_LIVE,
        most=Literal(likeness.MOST_SHARING),
    )
    pairs = SQL(_SAME_VALUE).format(
        reason=Literal(reason.value), same_year=_SAME_YEAR, no_doubt=SQL(no_doubt)
    )
    return SQL(_DIFFERENT) + valued + SQL(_PUT).format(pairs=pairs)


def _near_names(value: SQL, has_value: SQL, reason: Likeness) -> Composed:
    parts = SQL(_PARTS).format(
        value=value,
        has_value=has_value,
        named=_NAMED,
        live=_LIVE,
        most=Literal(likeness.MOST_ALIKE),
    )
    pairs = SQL(_NEAR_NAMES).format(
        reason=Literal(reason.value),
        same_year=_SAME_YEAR,
        near=Literal(likeness.NEAR),
    )
    return SQL(_DIFFERENT) + parts + SQL(_PUT).format(pairs=pairs)


_WEIGHTS = SQL(" ").join(
    SQL("WHEN {reason} THEN {weight}").format(
        reason=Literal(reason.value), weight=Literal(weight)
    )
    for reason, weight in likeness.WEIGHTS.items()
)
# One transaction each; `now` is the moment of the search in all of them. Birthdays by
# month, so that no statement gets long.
STEPS: tuple[Composed, ...] = (
    _same_value("email_norm", Likeness.EMAIL),
    # Of two addresses a person has to choose one.
    _same_value(
        "phone_e164", Likeness.PHONE, "(a.email_norm = '' OR b.email_norm = '')"
    ),
    _near_names(
        SQL("lower(c.organisation)"), SQL("c.organisation <> ''"), Likeness.COMPANY
    ),
    *(
        _near_names(
            _BIRTHDAY,
            SQL("c.birth_month = {month}").format(month=Literal(month)),  # type: ignore[arg-type]
            Likeness.BIRTHDAY,
        )
        for month in range(1, 13)
    ),
    SQL(_RANK).format(weights=_WEIGHTS),
    SQL(_FORGET).format(),
)


def of_one(values: Mapping[str, str | int | None]) -> list[tuple[int, list[str]]]:
    """Live records that may be this person: id, and the reasons."""
    with connection.cursor() as cursor:
        cursor.execute(OF_ONE, values)
        return list(cursor.fetchall())
