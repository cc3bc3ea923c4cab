"""Conditions on a customer `c`: the filters of the customer list, and searches."""

from dataclasses import dataclass

from psycopg import sql

from crm.rules.customer_search import Pattern

LIVE = sql.SQL("c.merged_into_id IS NULL AND c.erased_at IS NULL")
_OWED = sql.SQL(
    "c.id IN (SELECT customer_id FROM crm_followup WHERE state IN ('open', 'taken'))"
)
# What is searched and is no column: written as its index is (crm/models/fields.py).
_EXPRESSIONS = {
    "phone_digits": sql.SQL(
        "regexp_replace(normalize(phone_text, NFKC), '[^0-9]', '', 'g')"
    )
}


@dataclass(frozen=True)
class Filters:
    """Who is listed. `owner` None: everybody's; 0: nobody's."""

    owner: int | None = None
    has_follow_up: bool = False


def who(filters: Filters) -> sql.Composed:
    """Live customers within the filters."""
    conditions: list[sql.Composable] = [LIVE]
    if filters.owner == 0:
        conditions.append(sql.SQL("c.owner_id IS NULL"))
    elif filters.owner is not None:
        conditions.append(sql.SQL("c.owner_id = {}").format(sql.Literal(filters.owner)))
    if filters.has_follow_up:
        conditions.append(_OWED)
    return sql.SQL(" AND ").join(conditions)


def likes(pattern: Pattern) -> sql.Composed:
    """What one pattern asks of its column; the column's name stands alone."""
    searched = _EXPRESSIONS.get(pattern.column) or sql.Identifier(pattern.column)
    choices = [
        sql.SQL("(")
        + sql.SQL(" OR ").join(
            sql.SQL("{} LIKE {}").format(searched, sql.Literal(like)) for like in choice
        )
        + sql.SQL(")")
        for choice in pattern.likes
    ]
    return sql.SQL(" AND ").join(choices)
