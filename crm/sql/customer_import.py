"""A slice of checked customers: from the staging table into the customer table.

What already is as the file says is not written to, not even locked.
"""

from collections.abc import Sequence

from psycopg.sql import SQL, Composed, Identifier, Literal

from crm.customer_facts import SEARCHABLE
from crm.sql import customer_aim, staging
from crm.sql.customer_changes import BIRTHDAY, IS_UNTAGGED, TARGET, TEXT_COLUMNS
from crm.sql.expressions import assignments, listed, values_of

# Worked out from the names, and what search looks through.
_WORKED_OUT = ("greeting_name", "sort_name", "search_text")

_TYPES = {
    **dict.fromkeys(BIRTHDAY, "smallint"),
    **{"since_on": "date", "custom": "jsonb", "tags": "jsonb"},
    **{"erased": "text[]", "is_changed": "boolean"},
    **customer_aim.COLUMNS,
}


def _temporary(table: str, columns: Sequence[str]) -> Composed:
    """A staging table; columns are text but for those of _TYPES."""
    typed = (
        SQL("{} {}").format(Identifier(column), SQL(_TYPES.get(column, "text")))
        for column in columns
    )
    return staging.temporary(table, SQL(", ").join(typed))


# The columns of the staging tables, in the order in which their lines are written.
NAMED = ("customer_id", *_WORKED_OUT)
STAGED = (
    *("no", "external_id"),
    *_WORKED_OUT,
    *TEXT_COLUMNS,
    *BIRTHDAY,
    *("since_on", "custom", "tags", "erased"),
)
STAGING = (
    _temporary("import_customer", STAGED),
    _temporary("import_customer_aim", tuple(customer_aim.COLUMNS)),
    _temporary("import_customer_target", ("customer_id", "is_changed", *TARGET)),
    _temporary("import_customer_name", NAMED),
    # Of a dry run: the addresses of the slices before.
    staging.temporary("import_customer_email", "email_norm text, external_id text"),
    SQL(
        """CREATE INDEX IF NOT EXISTS import_customer_by_email
        ON import_customer_email (email_norm)"""
    ),
)
EMPTY = SQL(
    "TRUNCATE import_customer, import_customer_aim, import_customer_target,"
    " import_customer_name"
)
EMPTY_TARGET = SQL("TRUNCATE import_customer_target, import_customer_name")
# What rows are joined by, and what few files have: the other columns take five times as
# long and choose nothing.
ANALYZE = SQL("ANALYZE import_customer (no, external_id, email_norm, tags, erased)")
COUNT_NEW = SQL("SELECT count(*) FROM import_customer_aim WHERE is_new AND is_first")
CHANGED = SQL("SELECT customer_id FROM import_customer_target WHERE is_changed")
_NEW: dict[str, SQL | Composed] = {
    "id": SQL("w.customer_id"),
    "source": SQL("%(source)s"),
    **{name: SQL("s.{}").format(Identifier(name)) for name in _WORKED_OUT},
    **{
        column: SQL("coalesce(s.{}, '')").format(Identifier(column))
        for column in TEXT_COLUMNS
    },
    **{
        column: SQL("s.{}").format(Identifier(column))
        for column in ("external_id", *BIRTHDAY, "since_on")
    },
    "mail_ground": SQL("coalesce(s.mail_ground, %(ground)s)"),
    "birth_recorded_at": SQL(
        "CASE WHEN s.birth_month IS NOT NULL THEN %(now)s::timestamptz END"
    ),
    "since_from": SQL("CASE WHEN s.since_on IS NULL THEN 'entered' ELSE 'given' END"),
    **dict.fromkeys(("heard_text", "notes"), SQL("''")),
    "custom": SQL("coalesce(s.custom, '{}')"),
    "last_import_id": SQL("%(run)s"),
    **dict.fromkeys(("created_at", "updated_at"), SQL("%(now)s")),
}
INSERT = SQL(
    """INSERT INTO crm_customer ({columns})
    SELECT {values}
    FROM import_customer s JOIN import_customer_aim w ON w.no = s.no
    WHERE w.is_new AND w.is_first
    RETURNING id"""
).format(columns=listed(_NEW), values=values_of(_NEW))
# Those with an address who would get nothing but what is transactional: without an
# order there is no basis for a survey or a reminder but words of the shop.
COUNT_WITHOUT_GROUND = SQL(
    """SELECT count(*)
    FROM import_customer s
    JOIN import_customer_aim w ON w.no = s.no
    LEFT JOIN crm_customer c ON c.id = w.customer_id
    LEFT JOIN import_customer_target t ON t.customer_id = w.customer_id
    WHERE w.is_first AND c.first_order_on IS NULL
      AND coalesce(t.email, c.email, s.email, '') <> ''
      AND coalesce(t.mail_ground, c.mail_ground, s.mail_ground, %(ground)s) = ''"""
)
# The id of a row that was found by its address: a record that leads to the person, as
# one that was merged. Later files and orders find them by it, and erasure forgets it.
_POINTER: dict[str, SQL | Composed] = {
    **{column: SQL("''") for column in (*_WORKED_OUT, *TEXT_COLUMNS)},
    **dict.fromkeys(("heard_text", "notes"), SQL("''")),
    "source": SQL("%(source)s"),
    "external_id": SQL("s.external_id"),
    "merged_into_id": SQL("w.customer_id"),
    "since_from": SQL("'entered'"),
    "custom": SQL("'{}'"),
    "last_import_id": SQL("%(run)s"),
    **dict.fromkeys(("created_at", "updated_at"), SQL("%(now)s")),
}
INSERT_POINTERS = SQL(
    """INSERT INTO crm_customer ({columns})
    SELECT DISTINCT ON (s.external_id) {values}
    FROM import_customer s JOIN import_customer_aim w ON w.no = s.no
    WHERE w.is_unknown AND NOT EXISTS (
        SELECT FROM crm_customer k
        WHERE k.source = %(source)s AND k.external_id = s.external_id)
    ORDER BY s.external_id, s.no"""
).format(columns=listed(_POINTER), values=values_of(_POINTER))
_CHANGED_NAMES = SQL(
    """SELECT c.id, c.external_id,
        CASE WHEN (c.given_name, c.family_name) = (t.given_name, t.family_name)
            THEN c.greeting_name ELSE '' END,
        t.given_name, t.family_name, {searchable}
    FROM import_customer_target t JOIN crm_customer c ON c.id = t.customer_id
    WHERE t.is_changed"""
)


def changed_names(custom: Sequence[str]) -> Composed:
    """What crm.rules.names and crm.rules.search have to work out anew. `custom`: keys
    of the fields of staff that searches look into."""
    # A fact that no file sets is searched as it stands.
    facts = [Identifier("t" if name in TARGET else "c", name) for name in SEARCHABLE]
    own = [SQL("coalesce(t.custom ->> {}, '')").format(Literal(key)) for key in custom]
    return _CHANGED_NAMES.format(searchable=SQL(", ").join([*facts, *own]))


_CHANGED: dict[str, SQL | Composed] = {
    **{column: SQL("t.{}").format(Identifier(column)) for column in TARGET},
    **{column: SQL("n.{}").format(Identifier(column)) for column in _WORKED_OUT},
    "birth_recorded_at": SQL(
        """CASE WHEN (c.birth_month, c.birth_day, c.birth_year)
                IS DISTINCT FROM (t.birth_month, t.birth_day, t.birth_year)
            THEN %(now)s ELSE c.birth_recorded_at END"""
    ),
    "last_import_id": SQL("%(run)s"),
    "updated_at": SQL("%(now)s"),
    "version": SQL("c.version + 1"),
}
UPDATE = SQL(
    """UPDATE crm_customer c
    SET {changes}
    FROM import_customer_target t
    JOIN import_customer_name n ON n.customer_id = t.customer_id
    WHERE c.id = t.customer_id AND t.is_changed
    RETURNING c.id"""
).format(changes=assignments(_CHANGED))
INSERT_TAGS = SQL(
    """INSERT INTO crm_tag (name)
    SELECT DISTINCT ON (lower(tag)) tag
    FROM import_customer s
    JOIN import_customer_aim w ON w.no = s.no
    CROSS JOIN LATERAL jsonb_array_elements_text(s.tags) tag
    WHERE s.tags IS NOT NULL AND NOT w.is_left AND NOT EXISTS (
        SELECT FROM crm_tag g WHERE lower(g.name) = lower(tag))
    ORDER BY lower(tag), tag
    ON CONFLICT DO NOTHING"""
)
# A file only adds tags: those that people gave by hand stay.
TAG = SQL(
    """INSERT INTO crm_customer_tags (customer_id, tag_id)
    SELECT DISTINCT w.customer_id, g.id
    FROM import_customer s
    JOIN import_customer_aim w ON w.no = s.no
    CROSS JOIN LATERAL jsonb_array_elements_text(s.tags) tag
    JOIN crm_tag g ON lower(g.name) = lower(tag)
    WHERE s.tags IS NOT NULL AND NOT w.is_left AND NOT EXISTS (
        SELECT FROM crm_customer_tags m
        WHERE m.customer_id = w.customer_id AND m.tag_id = g.id)
    ON CONFLICT DO NOTHING"""
)
# Where an empty cell erases, unless another row of the same person names tags.
UNTAG = SQL(
    """DELETE FROM crm_customer_tags m
    USING import_customer s JOIN import_customer_aim w ON w.no = s.no
    WHERE m.customer_id = w.customer_id AND {untagged}
        AND w.customer_id NOT IN (
            SELECT b.customer_id FROM import_customer_aim b
            JOIN import_customer r ON r.no = b.no WHERE r.tags IS NOT NULL)"""
).format(untagged=IS_UNTAGGED)
