"""A slice of old contact history: from the staging table into the conversations."""

from psycopg.sql import SQL, Composed, Identifier, Literal

from crm.sql import merging, staging

TABLE = "import_contact"
COLUMNS = (
    *("no", "staff_id", "customer_id", "happened_at", "channel", "direction"),
    *("subject", "body", "outcome", "staff_name", "source_key"),
)
STAGING = (
    staging.temporary(
        TABLE,
        "no int, staff_id bigint, customer_id bigint, happened_at timestamptz,"
        " channel text, direction text, subject text, body text, outcome text,"
        " staff_name text, source_key text",
    ),
)
EMPTY = SQL("TRUNCATE {}").format(Identifier(TABLE))
ANALYZE = SQL("ANALYZE {}").format(Identifier(TABLE))
# Those that are not there, by their key or, whoever wrote them down, by what they say.
# A record may have been merged or erased since the check looked.
_NEW = SQL(
    """FROM (
        SELECT DISTINCT ON (source_key) * FROM import_contact ORDER BY source_key, no
    ) s
    JOIN crm_customer k ON k.id = s.customer_id
    JOIN crm_customer c ON c.id = coalesce(k.merged_into_id, k.id)
    WHERE c.erased_at IS NULL
      AND NOT EXISTS (
        SELECT FROM crm_interaction i WHERE i.source_key = s.source_key)
      AND NOT EXISTS (
        SELECT FROM crm_interaction i
        WHERE i.customer_id = c.id AND i.happened_at = s.happened_at
          AND i.channel = s.channel AND i.direction = s.direction
          AND i.subject = s.subject AND i.body = s.body AND i.outcome = s.outcome)"""
)
COUNT_NEW = SQL("SELECT count(*) {}").format(_NEW)
INSERT = SQL(
    """INSERT INTO crm_interaction (customer_id, staff_id, staff_name, channel,
        direction, happened_at, subject, body, outcome, source_key, created_at)
    SELECT c.id, s.staff_id, s.staff_name, s.channel, s.direction, s.happened_at,
        s.subject, s.body, s.outcome, s.source_key, %(now)s
    {}
    ORDER BY s.happened_at, s.no
    ON CONFLICT (source_key) DO NOTHING
    RETURNING id, customer_id"""
).format(_NEW)
# What came by the number of a merged record is that record's, should they part.
NOTE_ARRIVALS = merging.note_arrivals(
    "conversations",
    SQL(
        """SELECT s.customer_id AS record, i.id AS row_id
        FROM import_contact s JOIN crm_interaction i ON i.source_key = s.source_key"""
    ),
)
# Whose id stands for another text here, also where staff corrected it since.
DIFFERENT = SQL(
    """SELECT count(*) FROM import_contact s
    JOIN crm_interaction i ON i.source_key = s.source_key
    WHERE s.source_key LIKE 'history:id:%%'
      AND (i.happened_at, i.channel, i.subject, i.body, i.outcome)
        IS DISTINCT FROM
          (s.happened_at, s.channel, s.subject, s.body, s.outcome)"""
)
# (address, record), or 0 where several have it.
ADDRESSES = Composed(
    [
        SQL(
            """COPY (
            SELECT email, CASE WHEN min(id) = max(id) THEN min(id) ELSE 0 END
            FROM (
                SELECT email_norm AS email, id FROM crm_customer
                WHERE email_norm <> ''
                    AND merged_into_id IS NULL AND erased_at IS NULL
                UNION ALL
                SELECT a.norm, a.customer_id FROM crm_customeraddress a
                JOIN crm_customer c ON c.id = a.customer_id
                WHERE a.kind = 'email' AND c.merged_into_id IS NULL) held
            GROUP BY email) TO STDOUT"""
        )
    ]
)


def customers(source: str) -> Composed:
    """(external id, its record), without those who were erased."""
    return SQL(
        """COPY (
            SELECT k.external_id, k.id FROM crm_customer k
            JOIN crm_customer c ON c.id = coalesce(k.merged_into_id, k.id)
            WHERE k.source = {} AND c.erased_at IS NULL) TO STDOUT"""
    ).format(Literal(source))
