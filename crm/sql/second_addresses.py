"""Second addresses: those of a slice of an import, and who has which."""

from collections.abc import Sequence

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

# (kind, column of the staged rows)
Columns = Sequence[tuple[str, str]]

# Anyone who has it as the chief one has it. `norm` of a number as services write it.
_MISSING = SQL(
    """SELECT DISTINCT ON (t.customer_id, t.kind, t.norm)
        t.customer_id, t.kind, t.value, t.norm, t.no
    FROM ({told}) t
    LEFT JOIN crm_customer c ON c.id = t.customer_id
    WHERE NOT t.is_left
        AND NOT (t.kind = 'email' AND c.email_norm = t.norm)
        AND NOT (t.kind = 'phone' AND (c.phone_e164 = t.norm
            OR (c.phone_e164 = '' AND regexp_replace(normalize(c.phone_text, NFKC),
                '[^0-9]', '', 'g') = t.norm)))
        AND NOT EXISTS (
            SELECT FROM crm_customeraddress a
            WHERE a.customer_id = t.customer_id AND a.kind = t.kind
                AND a.norm = t.norm)
    ORDER BY t.customer_id, t.kind, t.norm, t.no"""
)


def add(table: Identifier, columns: Columns) -> Composed:
    """Write what people do not have yet; the ids of the customers."""
    return SQL(
        """INSERT INTO crm_customeraddress
            (customer_id, kind, value, norm, created_at)
        SELECT customer_id, kind, value, norm, %(now)s FROM ({missing}) m ORDER BY no
        ON CONFLICT DO NOTHING
        RETURNING customer_id"""
    ).format(missing=_missing(table, columns))


def would_add(table: Identifier, columns: Columns) -> Composed:
    """Known customers who would get one."""
    return SQL(
        "SELECT DISTINCT customer_id FROM ({}) m WHERE customer_id IS NOT NULL"
    ).format(_missing(table, columns))


def unreadable(table: Identifier, columns: Columns) -> Composed:
    """The record of each row with a cell that is no address."""
    cells = SQL(" OR ").join(
        SQL("{} = '[]'::jsonb").format(Identifier(column)) for _, column in columns
    )
    return SQL(
        "SELECT external_id FROM {table} WHERE NOT is_left AND ({cells}) ORDER BY no"
    ).format(table=table, cells=cells)


def _missing(table: Identifier, columns: Columns) -> Composed:
    told: list[Composable] = [
        SQL(
            """SELECT r.no, r.customer_id, r.is_left, {kind} AS kind,
                pair ->> 0 AS value, pair ->> 1 AS norm
            FROM {table} r, jsonb_array_elements(r.{column}) pair"""
        ).format(kind=Literal(kind), table=table, column=Identifier(column))
        for kind, column in columns
    ]
    return _MISSING.format(told=SQL(" UNION ALL ").join(told))


# Every record's second addresses among these, and who else has one of the addresses of
# these records as a second one: (record asked for, record that has it, address).
OF_RECORDS = SQL(
    """WITH asked AS (
        SELECT id, email FROM unnest(%(ids)s::bigint[], %(emails)s::text[])
            AS t (id, email)),
    own AS (
        SELECT a.customer_id AS id, a.norm AS email FROM crm_customeraddress a
        WHERE a.kind = 'email' AND a.customer_id = ANY(%(ids)s::bigint[]))
    SELECT id, id, email FROM own
    UNION
    SELECT e.id, a.customer_id, a.norm
    FROM (SELECT * FROM asked WHERE email <> '' UNION SELECT * FROM own) e
    JOIN crm_customeraddress a ON a.kind = 'email' AND a.norm = e.email
    WHERE a.customer_id <> e.id"""
)
