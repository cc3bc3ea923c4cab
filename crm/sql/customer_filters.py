"""Conditions on a customer `c`: the filters of the customer list, and searches."""

from datetime import date

from psycopg import sql

from crm.rules.customer_search import Pattern
from crm.segments import Filters, all_fields

LIVE = sql.SQL("c.merged_into_id IS NULL AND c.erased_at IS NULL")
# What is searched and is no column: written as its index is (crm/models/fields.py).
_EXPRESSIONS = {
    "phone_digits": sql.SQL(
        "regexp_replace(normalize(phone_text, NFKC), '[^0-9]', '', 'g')"
    ),
    "order_number": sql.SQL("upper(number)"),
    "second_norm": sql.SQL("norm"),
    "second_digits": sql.SQL(
        "kind = 'phone' AND regexp_replace(normalize(value, NFKC), '[^0-9]', '', 'g')"
    ),
}
_ELSEWHERE = {
    "order_number": sql.Identifier("crm_order"),
    "second_norm": sql.Identifier("crm_customeraddress"),
    "second_digits": sql.Identifier("crm_customeraddress"),
}


def who(filters: Filters, *, today: date) -> sql.Composed:
    """Live customers within the filters, on the shop's day."""
    narrowed = (
        field.condition(filters[field.name], today)
        for field in all_fields()
        if field.name in filters
    )
    return sql.SQL(" AND ").join([LIVE, *narrowed])


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


def ids_elsewhere(pattern: Pattern, *, most: int | None = None) -> sql.Composed:
    """A SELECT of whose rows of another table match; `most` of them at most."""
    return sql.SQL("SELECT customer_id FROM {table} WHERE {likes}{limit}").format(
        table=_ELSEWHERE[pattern.column],
        likes=likes(pattern),
        limit=sql.SQL(" LIMIT {}").format(sql.Literal(most)) if most else sql.SQL(""),
    )
