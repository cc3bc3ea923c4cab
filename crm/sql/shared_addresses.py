"""Which rows of a slice of customers have an address that another record has too."""

from psycopg.sql import SQL

# Mail follows the address: an address that another record has too is reported at
# every import. Of all records with an address two are enough, because at most one of
# them is the row's own. A lateral join with LIMIT 1 read the whole table for every row
# where it was not analysed yet: 20 s for 4,000 rows.
# Where nothing is written the rows of the slices before stand in a table aside.
_FIND = SQL(
    """WITH known AS (
        SELECT email_norm, min(id) AS first, max(id) AS last
        FROM crm_customer
        WHERE merged_into_id IS NULL AND erased_at IS NULL
            AND email_norm IN (SELECT email_norm FROM import_customer)
        GROUP BY email_norm),
    staged AS (
        SELECT s.external_id, s.email_norm, a.customer_id AS own_id
        FROM import_customer s JOIN import_customer_aim a ON a.no = s.no
        WHERE s.email_norm IS NOT NULL AND a.is_first),
    shared AS (
        SELECT s.external_id, o.external_id AS other
        FROM staged s
        JOIN known n ON n.email_norm = s.email_norm
        JOIN crm_customer o
            ON o.id = CASE WHEN n.first = s.own_id THEN n.last ELSE n.first END
        WHERE o.id IS DISTINCT FROM s.own_id
        {also})
    SELECT DISTINCT ON (external_id) external_id, other FROM shared"""
)
FIND = _FIND.format(also=SQL(""))
FIND_DRY = _FIND.format(
    also=SQL(
        """UNION ALL
        SELECT s.external_id,
            CASE WHEN e.first = s.external_id THEN e.last ELSE e.first END
        FROM staged s
        JOIN (
            SELECT email_norm, min(external_id) AS first, max(external_id) AS last
            FROM import_customer_email
            WHERE email_norm IN (SELECT email_norm FROM import_customer)
            GROUP BY email_norm) e ON e.email_norm = s.email_norm
        WHERE e.first <> s.external_id OR e.last <> s.external_id"""
    )
)
KEEP = SQL(
    """INSERT INTO import_customer_email
    SELECT s.email_norm, s.external_id
    FROM import_customer s JOIN import_customer_aim a ON a.no = s.no
    WHERE s.email_norm IS NOT NULL AND a.is_first"""
)
