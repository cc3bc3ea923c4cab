"""A slice of balances of another program: whose each lot is, and what is there."""

from psycopg.sql import SQL

from crm.sql import staging

TABLE = "import_lot"
COLUMNS = (
    *("no", "programme_id", "customer_id", "units", "earned_on", "expires_on", "key"),
)
STAGING = (
    staging.temporary(
        TABLE,
        "no int, programme_id bigint, customer_id bigint, units numeric,"
        " earned_on date, expires_on date, key text",
    ),
)
EMPTY = SQL("TRUNCATE import_lot")
ANALYZE = SQL("ANALYZE import_lot")
# Each with the live record, which several rows may have in common; how often a lot of
# this key was brought in and undone; and the amount of the one that is there. The
# entries of a record that was merged into theirs are theirs.
LOTS = SQL("""
SELECT s.no, s.programme_id, c.id, s.units, s.earned_on, s.expires_on, s.key,
    there.undone, there.amount
FROM import_lot s
LEFT JOIN crm_customer k ON k.id = s.customer_id
LEFT JOIN crm_customer c ON c.id = coalesce(k.merged_into_id, k.id)
    AND c.erased_at IS NULL
LEFT JOIN LATERAL (
    SELECT count(u.id) AS undone,
        max(e.amount) FILTER (WHERE u.id IS NULL) AS amount
    FROM crm_customer person
    JOIN loyalty_membership m
        ON m.customer_id = person.id AND m.programme_id = s.programme_id
    JOIN loyalty_entry e ON e.membership_id = m.id AND e.kind = 'imported'
        AND left(e.source_key, length(s.key)) = s.key
    LEFT JOIN loyalty_entry u ON u.undoes_id = e.id
    WHERE person.id = c.id OR person.merged_into_id = c.id
) there ON true
ORDER BY s.no
""")
# What an undo looks for; nothing else of an entry ever changes.
NOTE = SQL("""
INSERT INTO import_touched (what, row_id, customer_id)
SELECT 'entry', made.id, made.customer
FROM unnest(%s::bigint[], %s::bigint[]) made (id, customer)
""")
