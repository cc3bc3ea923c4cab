"""Companies above and below one another, and those of the people in a file."""

from psycopg.sql import SQL, Composed, Identifier

LOCK_PARENTS = "SELECT pg_advisory_xact_lock(hashtextextended('company parents', 0))"
# The company itself, and every one above it. UNION ends where a row comes twice.
ABOVE = """
WITH RECURSIVE above AS (
    SELECT id, parent_id FROM crm_company WHERE id = %(id)s
    UNION
    SELECT c.id, c.parent_id FROM crm_company c JOIN above a ON a.parent_id = c.id)
SELECT id FROM above
"""
# The company itself, and every branch below it.
WITHIN = """
WITH RECURSIVE within AS (
    SELECT id FROM crm_company WHERE id = %(id)s
    UNION
    SELECT c.id FROM crm_company c JOIN within w ON c.parent_id = w.id)
SELECT id FROM within
"""

# --- In a file of customers ----------------------------------------------------------

LOCK_NAMES = "SELECT pg_advisory_xact_lock(hashtextextended('company names', 0))"
# Each cell with the one company of that domain, else of that name; null for several.
NAMED = """
SELECT t.cell, CASE WHEN f.many = 1 THEN f.id END
FROM unnest(%(cells)s::text[]) AS t (cell)
CROSS JOIN LATERAL (
    SELECT min(id) AS id, count(*) AS many FROM (
        SELECT id FROM crm_company WHERE domain = lower(t.cell) AND domain <> ''
        UNION ALL
        SELECT id FROM crm_company
        WHERE lower(name) = lower(t.cell) AND NOT EXISTS (
            SELECT FROM crm_company d
            WHERE d.domain = lower(t.cell) AND d.domain <> '')) c) f
WHERE f.many > 0
"""
CELLS = SQL(
    """SELECT linked_company FROM {table}
    WHERE NOT is_left AND linked_company IS NOT NULL
    GROUP BY linked_company ORDER BY min(no)"""
)
# Links that are missing; whose role counts is what the last row says.
_MISSING = SQL(
    """SELECT DISTINCT ON (r.customer_id, n.id)
        r.customer_id, n.id AS company_id, coalesce({role}, '') AS role, r.no
    FROM {table} r
    JOIN unnest(%(cells)s::text[], %(ids)s::bigint[]) AS n (cell, id)
        ON n.cell = r.linked_company
    WHERE NOT r.is_left AND r.customer_id IS NOT NULL AND n.id IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM crm_companyperson p
            WHERE p.customer_id = r.customer_id AND p.company_id = n.id)
    ORDER BY r.customer_id, n.id, r.no DESC"""
)
_ADD = SQL(
    """INSERT INTO crm_companyperson (customer_id, company_id, role, created_at)
    SELECT customer_id, company_id, role, %(now)s FROM ({missing}) m ORDER BY no
    ON CONFLICT DO NOTHING
    RETURNING customer_id"""
)
# In a dry run a company that is not there yet has no id.
WOULD_ADD = SQL(
    """SELECT DISTINCT r.customer_id FROM {table} r
    LEFT JOIN unnest(%(cells)s::text[], %(ids)s::bigint[]) AS n (cell, id)
        ON n.cell = r.linked_company
    WHERE NOT r.is_left AND r.customer_id IS NOT NULL
        AND r.linked_company IS NOT NULL
        AND NOT r.linked_company = ANY(%(unclear)s::text[])
        AND NOT EXISTS (
            SELECT FROM crm_companyperson p
            WHERE p.customer_id = r.customer_id AND p.company_id = n.id)"""
)
UNCLEAR = SQL(
    """SELECT external_id, linked_company FROM {table}
    WHERE NOT is_left AND linked_company = ANY(%(unclear)s::text[]) ORDER BY no"""
)
ROLE_ALONE = SQL(
    """SELECT external_id FROM {table}
    WHERE NOT is_left AND company_role IS NOT NULL AND {company} IS NULL ORDER BY no"""
)


def add(table: Identifier, *, has_role: bool) -> Composed:
    """Link people to the companies of their rows; the ids of those who were not."""
    role = SQL("r.company_role") if has_role else SQL("NULL")
    return _ADD.format(missing=_MISSING.format(table=table, role=role))
