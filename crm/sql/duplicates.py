"""Which records may be one person: of one person by indexes, of all by equal values."""

from collections.abc import Mapping

from django.db import connection
from psycopg.sql import SQL, Composed, Literal

from crm.rules import likeness
from crm.rules.likeness import Likeness

_LIVE = SQL("c.merged_into_id IS NULL AND c.erased_at IS NULL")
_NAMED = SQL("c.sort_name <> ''")
_BIRTHDAY = SQL("(c.birth_month * 100) + c.birth_day")
_COMPANY = SQL("lower(c.organisation)")
_POSTCODE = SQL("translate(upper(c.postcode), ' -', '')")
# Two birthdays that do not contradict each other.
_SAME_YEAR = SQL(
    "(a.birth_year IS NULL OR b.birth_year IS NULL OR a.birth_year = b.birth_year)"
)

# --- Of one person -------------------------------------------------------------------

# The names of the constants are those of the columns; an empty value finds no one.
# Who was marked as another than a record that was merged into this one is another.
_OF_ONE = SQL(
    """
WITH itself AS (
    SELECT %(itself)s::bigint AS id
    UNION ALL
    SELECT id FROM crm_customer WHERE merged_into_id = %(itself)s
), different AS (
    SELECT coalesce(c.merged_into_id, c.id) AS id
    FROM itself i
    CROSS JOIN LATERAL (
        SELECT second_id AS other FROM crm_differentpeople WHERE first_id = i.id
        UNION ALL
        SELECT first_id FROM crm_differentpeople WHERE second_id = i.id) d
    JOIN crm_customer c ON c.id = d.other
), found AS ({found})
SELECT f.id, array_agg(DISTINCT f.reason)
    || CASE WHEN %(sort_name)s <> '' AND min(c.sort_name) = %(sort_name)s
        THEN ARRAY['name'] ELSE ARRAY[]::text[] END
FROM found f JOIN crm_customer c ON c.id = f.id
WHERE f.id <> %(itself)s AND f.id NOT IN (SELECT id FROM different)
GROUP BY f.id
"""
)
_ONE_CHIEF = SQL(
    """(SELECT c.id, {reason} AS reason FROM crm_customer c
    WHERE c.{column} = ANY(%({values})s::text[]) AND {live} LIMIT {most})"""
)
_ONE_SECOND = SQL(
    """(SELECT c.id, {reason} FROM crm_customeraddress s
    JOIN crm_customer c ON c.id = s.customer_id
    WHERE s.norm = ANY(%({values})s::text[]) AND s.kind = {reason} AND {live}
    LIMIT {most})"""
)
_ONE_NEAR = SQL(
    """SELECT n.id, {reason} FROM (
        SELECT c.id, c.sort_name, c.birth_year FROM crm_customer c
        WHERE {value} = {same} AND {known} AND {live} LIMIT {most}) n
    WHERE similarity(n.sort_name, %(sort_name)s) >= {near}
        AND (n.birth_year IS NULL OR %(birth_year)s::int IS NULL
            OR n.birth_year = %(birth_year)s)"""
)


def _one_address(reason: Likeness, column: str) -> Composed:
    known = {
        "reason": Literal(reason.value),
        "column": SQL(column),
        "values": SQL(f"{reason.value}s"),
        "live": _LIVE,
        "most": Literal(likeness.MOST_SHARING + 1),
    }
    return SQL("{} UNION ALL {}").format(
        _ONE_CHIEF.format(**known), _ONE_SECOND.format(**known)
    )


def _one_near(reason: Likeness, value: SQL, same: SQL, known: SQL) -> Composed:
    return _ONE_NEAR.format(
        reason=Literal(reason.value),
        value=value,
        same=same,
        known=known,
        live=_LIVE,
        near=Literal(likeness.NEAR),
        most=Literal(likeness.MOST_COMPARED),
    )


_HAS_COMPANY, _HAS_POSTCODE = SQL("c.organisation <> ''"), SQL("c.postcode <> ''")
OF_ONE = _OF_ONE.format(
    found=SQL(" UNION ALL ").join(
        (
            _one_address(Likeness.EMAIL, "email_norm"),
            _one_address(Likeness.PHONE, "phone_e164"),
            _one_near(
                Likeness.BIRTHDAY, _BIRTHDAY, SQL("%(birthday)s::int"), SQL("true")
            ),
            _one_near(
                Likeness.COMPANY, _COMPANY, SQL("lower(%(organisation)s)"), _HAS_COMPANY
            ),
            _one_near(
                Likeness.POSTCODE,
                _POSTCODE,
                SQL("translate(upper(%(postcode)s), ' -', '')"),
                _HAS_POSTCODE,
            ),
        )
    )
)

# --- Of everybody --------------------------------------------------------------------

# Similarity is what two sets share, divided by what is in either. From N on, at most
# (1 - N) / (1 + N) of all that both hold differs. The rest is room for rounding.
_APART = (1 - likeness.NEAR) / (1 + likeness.NEAR) + 1e-9

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
# What was decided about a record holds for the one that it was merged into.
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
# Of two chief addresses a person has to choose one.
_SAME_VALUE = """
    SELECT DISTINCT a.id AS first, b.id AS second,
        CASE WHEN a.sort_name <> '' AND a.sort_name = b.sort_name
            THEN ARRAY[{reason}, 'name'] ELSE ARRAY[{reason}] END AS reasons,
        a.sort_name <> '' AND a.sort_name = b.sort_name AND {same_year}
            AND coalesce(a.day = b.day, true)
            AND (a.email_norm = b.email_norm OR a.email_norm = ''
                OR b.email_norm = '') AS is_exact
    FROM valued a JOIN valued b ON a.value = b.value AND a.id < b.id
"""
# The chief one of each record and its second ones. An import may leave a second one
# that has become the chief one. A number without a country is none in E.164.
_VALUED = """
, held AS (
    SELECT c.id, c.{column} AS value FROM crm_customer c
    WHERE c.{column} <> '' AND {live}
    UNION ALL
    SELECT c.id, s.norm FROM crm_customeraddress s
    JOIN crm_customer c ON c.id = s.customer_id
    WHERE s.kind = {reason} AND s.norm <> c.{column} AND s.norm ~ {pattern} AND {live}
), shared AS MATERIALIZED (
    SELECT id, value FROM (
        SELECT id, value, count(*) OVER (PARTITION BY value) AS sharing FROM held) h
    WHERE sharing BETWEEN 2 AND {most}
), valued AS MATERIALIZED (
    SELECT c.id, c.sort_name, c.birth_year, c.email_norm, {birthday} AS day, h.value
    FROM shared h JOIN crm_customer c ON c.id = h.id)
"""
# Names that are near have at least one part that begins with the same two letters; so
# only those are compared. To compare letter by letter is slow, and most are far apart.
# With a bit for the hash of each trigram, two names differ in at least as many trigrams
# as bits, and near ones in no more than `apart` of both (see _APART). It is a CASE
# because PostgreSQL would ask the slow question first.
_NEAR_NAMES = """
    SELECT DISTINCT a.id AS first, b.id AS second,
        CASE WHEN a.sort_name = b.sort_name
            THEN ARRAY[{reason}, 'name'] ELSE ARRAY[{reason}] END AS reasons,
        false AS is_exact
    FROM parts a JOIN parts b
        ON a.value = b.value AND a.part = b.part AND a.id < b.id
    WHERE {same_year} AND CASE
        WHEN bit_count((a.bits # b.bits)::bit(64)) <= a.apart + b.apart
        THEN similarity(a.sort_name, b.sort_name) >= {near} ELSE false END
"""
_PARTS = """
, people AS (
    SELECT c.id, c.sort_name, c.birth_year, {value} AS value FROM crm_customer c
    WHERE {has_value} AND {named} AND {live}
), crowded AS (
    SELECT *, count(*) OVER (PARTITION BY value) AS together FROM people
), parts AS MATERIALIZED (
    SELECT counted.*, marks.bits, marks.apart FROM (
        SELECT *, count(*) OVER (PARTITION BY value, part) AS alike FROM (
            SELECT DISTINCT p.id, p.sort_name, p.birth_year, p.value,
                left(word, 2) AS part
            FROM crowded p, unnest(string_to_array(p.sort_name, ' ')) AS word
            WHERE p.together > 1) each_part) counted
    CROSS JOIN LATERAL (
        SELECT bit_or(1::bigint << (hashtext(trigram) & 63)) AS bits,
            count(*) * {apart}::float8 AS apart
        FROM unnest(show_trgm(counted.sort_name)) AS trigram) marks
    WHERE alike BETWEEN 2 AND {most})
"""
_RANK = """
UPDATE crm_likelypair SET strength = (
    SELECT sum(CASE reason {weights} ELSE 0 END) FROM unnest(reasons) reason)
WHERE found_at = %(now)s
"""
_FORGET = "DELETE FROM crm_likelypair WHERE found_at < %(now)s"


def _same_value(reason: Likeness, column: str, pattern: str) -> Composed:
    valued = SQL(_VALUED).format(
        reason=Literal(reason.value),
        column=SQL(column),
        pattern=Literal(pattern),
        birthday=_BIRTHDAY,
        live=_LIVE,
        most=Literal(likeness.MOST_SHARING),
    )
    pairs = SQL(_SAME_VALUE).format(reason=Literal(reason.value), same_year=_SAME_YEAR)
    return SQL(_DIFFERENT) + valued + SQL(_PUT).format(pairs=pairs)


def _near_names(value: SQL, has_value: SQL, reason: Likeness) -> Composed:
    parts = SQL(_PARTS).format(
        value=value,
        has_value=has_value,
        named=_NAMED,
        live=_LIVE,
        most=Literal(likeness.MOST_ALIKE),
        apart=Literal(_APART),
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
    _same_value(Likeness.EMAIL, "email_norm", ""),
    _same_value(Likeness.PHONE, "phone_e164", "^[+]"),
    _near_names(_COMPANY, _HAS_COMPANY, Likeness.COMPANY),
    _near_names(_POSTCODE, _HAS_POSTCODE, Likeness.POSTCODE),
    *(
        _near_names(
            _BIRTHDAY,
            SQL("c.birth_month = {month}").format(month=Literal(month)),  # type: ignore[arg-type] # the stubs know SQL alone
            Likeness.BIRTHDAY,
        )
        for month in range(1, 13)
    ),
    SQL(_RANK).format(weights=_WEIGHTS),
    SQL(_FORGET).format(),
)


def of_one(
    values: Mapping[str, str | int | list[str] | None],
) -> list[tuple[int, list[str]]]:
    """Live records that may be this person: id, and the reasons."""
    with connection.cursor() as cursor:
        cursor.execute(OF_ONE, values)
        return list(cursor.fetchall())
