"""Which record each row of a slice of customers means.

Every row gets one line in import_customer_aim: `customer_id` is the live record.
`is_own`: the row may overwrite what it says already; else it only fills what is empty.
`is_new`: this slice makes the record. Several rows may be one person: the first of them
is the `leader` of all (`is_first`); it is inserted where the record is new, the others
then change that. `is_left`: nothing is written to it. `is_unknown`: no record has the
id of the row. `is_ambiguous`: several have its address. A dry run makes no ids, so that
`customer_id` is NULL where the record is new.
"""

from collections.abc import Sequence

from psycopg.sql import SQL, Composed, Identifier, Literal

COLUMNS = {
    "no": "int",
    "customer_id": "bigint",
    "leader": "int",
    **dict.fromkeys(
        ("is_own", "is_new", "is_first", "is_left", "is_unknown", "is_ambiguous"),
        "boolean",
    ),
}
_INTO = SQL("INSERT INTO import_customer_aim ({columns})").format(
    columns=SQL(", ").join(map(Identifier, COLUMNS))
)
_NEW_ID = SQL(
    "CASE WHEN %(run)s::bigint IS NOT NULL THEN nextval('crm_customer_id_seq') END"
)

# A row whose record was merged away follows to the kept one, and there only fills what
# is empty: else two rows of one file would overwrite each other at every import.
BY_ID = SQL(
    """{into}
    SELECT s.no, coalesce(k.merged_into_id, k.id, {new_id}), s.no,
        k.id IS NULL OR (k.merged_into_id IS NULL AND %(overwrites)s),
        k.id IS NULL, true, k.id IS NOT NULL AND %(leaves_known)s, k.id IS NULL, false
    FROM import_customer s
    LEFT JOIN crm_customer k
        ON k.source = %(source)s AND k.external_id = s.external_id"""
).format(into=_INTO, new_id=_NEW_ID)

# A row with an unknown id means the one live record that has its address, of whatever
# source, or that another row of the slice gives it. The rows of one address stand in
# one slice. As long as the addresses agree, such a row is as good as the record's own:
# the address counts that the record has afterwards, so that the same file changes
# nothing when it comes again. Found by a second address, a row does not take the place
# of the chief one.
_BY_ID_OR_ADDRESS = SQL(
    """{into}
    WITH known AS (
        SELECT s.no, s.external_id, s.email_norm, k.id AS key_id,
            coalesce(k.merged_into_id, k.id) AS customer_id
        FROM import_customer s
        LEFT JOIN crm_customer k
            ON k.source = %(source)s AND k.external_id = s.external_id),
    holders AS (
        SELECT email_norm, min(id) AS first, max(id) AS last
        FROM (
            SELECT email_norm, id FROM crm_customer
            WHERE merged_into_id IS NULL AND erased_at IS NULL
                AND email_norm IN (SELECT email_norm FROM import_customer)
            UNION ALL
            SELECT a.norm, a.customer_id FROM crm_customeraddress a
            JOIN crm_customer c ON c.id = a.customer_id
            WHERE a.kind = 'email' AND c.merged_into_id IS NULL
                AND a.norm IN (SELECT email_norm FROM import_customer)
            UNION ALL
            SELECT email_norm, customer_id FROM known
            WHERE email_norm IS NOT NULL AND customer_id IS NOT NULL) h
        GROUP BY email_norm),
    found AS (
        SELECT n.no, n.external_id, n.email_norm, n.key_id,
            coalesce(n.customer_id, CASE WHEN h.first = h.last THEN h.first END)
                AS customer_id,
            n.customer_id IS NULL AND h.first <> h.last AS is_ambiguous
        FROM known n LEFT JOIN holders h ON h.email_norm = n.email_norm),
    led AS (
        SELECT *, min(no) OVER (
            PARTITION BY customer_id, CASE WHEN customer_id IS NULL
                THEN coalesce('@' || email_norm, external_id) END) AS leader
        FROM found),
    owned AS (
        SELECT l.*, c.email_norm AS kept,
            coalesce(
                (l.key_id IS NULL AND a.id IS NULL) OR l.key_id = l.customer_id
                OR c.email_norm = l.email_norm, false) AS is_own,
            a.id IS NOT NULL AS is_second
        FROM led l
        LEFT JOIN crm_customer c ON c.id = l.customer_id
        LEFT JOIN crm_customeraddress a ON a.customer_id = l.customer_id
            AND a.kind = 'email' AND a.norm = l.email_norm),
    addressed AS (
        SELECT customer_id, coalesce(
            (array_agg(email_norm ORDER BY no DESC)
                FILTER (WHERE is_own AND email_norm IS NOT NULL))[1],
            nullif(kept, ''),
            (array_agg(email_norm ORDER BY no DESC)
                FILTER (WHERE email_norm IS NOT NULL))[1]) AS email_norm
        FROM owned WHERE customer_id IS NOT NULL GROUP BY customer_id, kept)
    SELECT o.no, o.customer_id, o.leader,
        o.customer_id IS NULL OR (%(overwrites)s AND (
            (o.key_id IS NULL AND NOT o.is_second)
            OR coalesce(o.key_id = o.customer_id, false)
            OR coalesce(o.email_norm = a.email_norm, false))),
        o.customer_id IS NULL, o.no = o.leader,
        o.customer_id IS NOT NULL AND %(leaves_known)s,
        o.key_id IS NULL, coalesce(o.is_ambiguous, false)
    FROM owned o LEFT JOIN addressed a ON a.customer_id = o.customer_id"""
).format(into=_INTO)
_NUMBER_LEADERS = SQL(
    """UPDATE import_customer_aim SET customer_id = {new_id}
    WHERE is_new AND is_first"""
).format(new_id=_NEW_ID)
_FOLLOW_LEADERS = SQL(
    """UPDATE import_customer_aim a SET customer_id = l.customer_id
    FROM import_customer_aim l
    WHERE a.is_new AND NOT a.is_first AND l.no = a.leader"""
)
BY_ID_OR_ADDRESS = (_BY_ID_OR_ADDRESS, _NUMBER_LEADERS, _FOLLOW_LEADERS)
ANALYZE = SQL("ANALYZE import_customer_aim")
HAS_FILLING = SQL(
    "SELECT EXISTS (SELECT FROM import_customer_aim WHERE NOT is_own AND NOT is_left)"
)

# --- What only the database can refuse -----------------------------------------------

REFUSED = SQL(
    """SELECT no, CASE WHEN is_ambiguous AND %(has_no_ids)s THEN 'address_ambiguous'
        ELSE 'record_unknown' END
    FROM import_customer_aim
    WHERE (is_ambiguous AND %(has_no_ids)s) OR (is_new AND %(makes_none)s)
    ORDER BY no"""
)


def drop(tables: Sequence[str], rows: Sequence[int]) -> list[Composed]:
    """Take rows out of the staging tables again."""
    return [
        SQL("DELETE FROM {} WHERE no = ANY({})").format(
            Identifier(table), Literal([*rows])
        )
        for table in tables
    ]


# --- What people should know ---------------------------------------------------------

NOTED = SQL(
    """SELECT CASE WHEN a.is_ambiguous THEN 'address_ambiguous'
            WHEN a.is_left THEN 'known_left' ELSE 'found_by_address' END AS code,
        coalesce(s.email_norm, s.external_id)
    FROM import_customer_aim a JOIN import_customer s ON s.no = a.no
    WHERE a.is_ambiguous OR a.is_left OR (a.is_unknown AND NOT a.is_new)
    UNION ALL
    SELECT 'same_person', coalesce(s.email_norm, s.external_id)
    FROM import_customer_aim a JOIN import_customer s ON s.no = a.no
    WHERE NOT a.is_first"""
)
