"""Rows of one record given to another, and API answers with data of a person."""

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from crm.personal_rows import PersonalRows

# The kept record may have a row of the same key. Its own stays as it is.
_TAKEN = SQL(
    """EXISTS (SELECT FROM {table} k WHERE k.customer_id = %(kept)s
        AND ({theirs}) IS NOT DISTINCT FROM ({ours}) {unless})"""
)
# A text that would be longer than its column loses its end, never the suffix.
_RENAME = SQL(
    """UPDATE {table} t SET {column} =
        left({column}, %(most)s - length(%(suffix)s)) || %(suffix)s
    WHERE t.customer_id = %(dropped)s AND {taken}"""
)
_DELETE = SQL("DELETE FROM {table} t WHERE t.customer_id = %(dropped)s AND {taken}")
_MOVE = SQL("UPDATE {table} SET customer_id = %(kept)s WHERE customer_id = %(dropped)s")


def moves(rows: PersonalRows) -> list[Composed]:
    """The statements that move them: `kept`, `dropped`, `suffix`, `most` (letters)."""
    table = Identifier(rows.model._meta.db_table)
    move = _MOVE.format(table=table)
    if not rows.once:
        return [move]
    taken = _TAKEN.format(
        table=table,
        theirs=_columns(rows, "k"),
        ours=_columns(rows, "t"),
        unless=_unless(rows),
    )
    if rows.renamed:
        column = Identifier(rows.renamed)
        return [_RENAME.format(table=table, column=column, taken=taken), move]
    return [_DELETE.format(table=table, taken=taken), move]


def _columns(rows: PersonalRows, of: str) -> Composable:
    return SQL(", ").join(
        Identifier(of, rows.column(name).attname) for name in rows.once
    )


def _unless(rows: PersonalRows) -> Composable:
    if not rows.unless_state:
        return SQL("")
    state = Literal(rows.unless_state)
    return SQL("AND k.state <> {state} AND t.state <> {state}").format(state=state)


# An answer is about one customer: as `customer`, or as its own `id`. The
# body of a request that is not over yet is empty.
FORGET_ANSWERS = SQL(
    """WITH answer AS (
        SELECT id, CASE WHEN body LIKE '{%%' THEN body::jsonb END AS body
        FROM crm_apianswer)
    UPDATE crm_apianswer a SET status = %(status)s, body = %(body)s
    FROM answer
    WHERE a.id = answer.id AND (
        (answer.body -> 'customer') = ANY(%(ids)s::jsonb[])
        OR (answer.body ? 'external_id'
            AND (answer.body -> 'id') = ANY(%(ids)s::jsonb[])))
    """
)
LOCK_IMPORT = SQL("SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 0))")
