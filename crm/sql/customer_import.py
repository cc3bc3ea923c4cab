"""A slice of checked customers: from the staging table into the customer table.

NULL in staging means that the file says nothing about the field. What already is as the
file says is not written to, not even locked.
"""

from collections.abc import Iterable, Mapping, Sequence

from psycopg.sql import SQL, Composed, Identifier

from crm.customer_facts import IMPORTED_LINES, SEARCHABLE
from crm.sql import staging

# Columns of text that a file sets together, with those of them that are empty where
# nothing is known yet.
_TEXTS = (
    (("given_name", "family_name"), ("given_name", "family_name")),
    (("email", "email_norm"), ("email",)),
    (("phone_e164", "phone_text"), ("phone_text",)),
    *(((name,), (name,)) for name in ("language", "time_zone", "country")),
    *(((fact.name,), (fact.name,)) for fact in IMPORTED_LINES),
)
_TEXT_COLUMNS = tuple(column for columns, _ in _TEXTS for column in columns)
_BIRTHDAY = ("birth_month", "birth_day", "birth_year")
# Worked out from the names, and what search looks through.
_WORKED_OUT = ("greeting_name", "sort_name", "search_text")

_TYPES = {
    **dict.fromkeys(_BIRTHDAY, "smallint"),
    **{"since_on": "date", "custom": "jsonb", "tags": "jsonb"},
    **{"no": "int", "customer_id": "bigint"},
    **dict.fromkeys(("is_own", "is_new", "is_left", "is_changed"), "boolean"),
}


def _list(columns: Iterable[str], of: str = "") -> Composed:
    """The names with commas between them: a, b or t.a, t.b."""
    path = (of,) if of else ()
    return SQL(", ").join(Identifier(*path, column) for column in columns)


def _temporary(table: str, columns: Sequence[str]) -> Composed:
    """A staging table; columns are text but for those of _TYPES."""
    typed = (
        SQL("{} {}").format(Identifier(column), SQL(_TYPES.get(column, "text")))
        for column in columns
    )
    return staging.temporary(table, SQL(", ").join(typed))


def _values(expressions: Mapping[str, SQL | Composed]) -> Composed:
    return SQL(", ").join(expressions.values())


def _as_named(expressions: Mapping[str, SQL | Composed]) -> Composed:
    return SQL(", ").join(
        SQL("{} AS {}").format(expression, Identifier(column))
        for column, expression in expressions.items()
    )


def _assignments(expressions: Mapping[str, SQL | Composed]) -> Composed:
    return SQL(", ").join(
        SQL("{} = {}").format(Identifier(column), expression)
        for column, expression in expressions.items()
    )


def _told_or_kept(column: str, empty: Sequence[str]) -> Composed:
    return SQL(
        "CASE WHEN w.is_own OR ({empty}) THEN coalesce(s.{c}, c.{c}) ELSE c.{c} END"
    ).format(
        c=Identifier(column),
        empty=SQL(" AND ").join(
            SQL("c.{} = ''").format(Identifier(name)) for name in empty
        ),
    )


def _whole_or_kept(column: str, key: str, told: SQL | None = None) -> Composed:
    """Several columns that are one fact: all of them are the file's, or none."""
    return SQL(
        "CASE WHEN s.{key} IS NOT NULL AND (w.is_own OR c.{key} IS NULL) THEN {told}"
        " ELSE c.{c} END"
    ).format(
        c=Identifier(column),
        key=Identifier(key),
        told=told or SQL("s.{}").format(Identifier(column)),
    )


# What the kept row becomes: every column that the file may set.
_TARGET: dict[str, SQL | Composed] = {
    **{
        column: _told_or_kept(column, empty)
        for columns, empty in _TEXTS
        for column in columns
    },
    **{column: _whole_or_kept(column, "birth_month") for column in _BIRTHDAY},
    "since_on": _whole_or_kept("since_on", "since_on"),
    "since_from": _whole_or_kept("since_from", "since_on", SQL("'given'")),
    "custom": SQL(
        """CASE WHEN w.is_own THEN c.custom || coalesce(s.custom, '{}')
            ELSE coalesce(s.custom, '{}') || c.custom END"""
    ),
}
# Words for everybody of the file who has none, neither there nor here.
_TARGET["mail_ground"] = SQL("coalesce(nullif({}, ''), %(ground)s)").format(
    _TARGET["mail_ground"]
)
# The same as email, which is compared already.
_COMPARED = tuple(column for column in _TARGET if column != "email_norm")

# The columns of the staging tables, in the order in which their lines are written.
NAMED = ("customer_id", *_WORKED_OUT)
STAGED = (
    *("no", "external_id"),
    *_WORKED_OUT,
    *_TEXT_COLUMNS,
    *_BIRTHDAY,
    *("since_on", "custom", "tags"),
)
STAGING = (
    _temporary("import_customer", STAGED),
    _temporary(
        "import_customer_aim", ("no", "customer_id", "is_own", "is_new", "is_left")
    ),
    _temporary("import_customer_target", ("customer_id", "is_changed", *_TARGET)),
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
ANALYZE = SQL("ANALYZE import_customer")
ANALYZE_AIM = SQL("ANALYZE import_customer_aim")

# Which record each row means. What is new gets its id here; a dry run makes none.
AIM = SQL(
    """INSERT INTO import_customer_aim (no, customer_id, is_own, is_new, is_left)
    SELECT s.no,
        coalesce(k.merged_into_id, k.id,
            CASE WHEN %(run)s::bigint IS NOT NULL
                THEN nextval(pg_get_serial_sequence('crm_customer', 'id')) END),
        k.merged_into_id IS NULL, k.id IS NULL, false
    FROM import_customer s
    LEFT JOIN crm_customer k
        ON k.source = %(source)s AND k.external_id = s.external_id"""
)
# A row whose record was merged away follows to the kept one, and there only fills what
# is empty: else two rows of one file would overwrite each other at every import.
FIND_CHANGED = SQL(
    """INSERT INTO import_customer_target (customer_id, is_changed, {columns})
    SELECT DISTINCT ON (c.id) c.id,
        ({before}) IS DISTINCT FROM ({after})
        OR EXISTS (
            SELECT FROM jsonb_array_elements_text(s.tags) tag
            WHERE NOT EXISTS (
                SELECT FROM crm_customer_tags m JOIN crm_tag g ON g.id = m.tag_id
                WHERE m.customer_id = c.id AND lower(g.name) = lower(tag))),
        {values}
    FROM import_customer s
    JOIN import_customer_aim w ON w.no = s.no
    JOIN crm_customer c ON c.id = w.customer_id
    CROSS JOIN LATERAL (SELECT {told}) n
    WHERE NOT w.is_new
    ORDER BY c.id, w.is_own DESC"""
).format(
    columns=_list(_TARGET),
    before=_list(_COMPARED, "c"),
    after=_list(_COMPARED, "n"),
    values=_list(_TARGET, "n"),
    told=_as_named(_TARGET),
)
COUNT_NEW = SQL("SELECT count(*) FROM import_customer_aim WHERE is_new")
CHANGED = SQL("SELECT customer_id FROM import_customer_target WHERE is_changed")
_NEW: dict[str, SQL | Composed] = {
    "id": SQL("w.customer_id"),
    "source": SQL("%(source)s"),
    **{name: SQL("s.{}").format(Identifier(name)) for name in _WORKED_OUT},
    **{
        column: SQL("coalesce(s.{}, '')").format(Identifier(column))
        for column in _TEXT_COLUMNS
    },
    **{
        column: SQL("s.{}").format(Identifier(column))
        for column in ("external_id", *_BIRTHDAY, "since_on")
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
    WHERE w.is_new
    RETURNING id"""
).format(columns=_list(_NEW), values=_values(_NEW))
# Those with an address who would get nothing but what is transactional: without an
# order nothing speaks for a survey or a reminder but words of the shop.
COUNT_WITHOUT_GROUND = SQL(
    """SELECT count(*)
    FROM import_customer s
    JOIN import_customer_aim w ON w.no = s.no
    LEFT JOIN crm_customer c ON c.id = w.customer_id
    LEFT JOIN import_customer_target t ON t.customer_id = w.customer_id
    WHERE c.first_order_on IS NULL
      AND coalesce(t.email, c.email, s.email, '') <> ''
      AND coalesce(t.mail_ground, c.mail_ground, s.mail_ground, %(ground)s) = ''"""
)
# What crm.rules.names and crm.rules.search have to work out anew.
CHANGED_NAMES = SQL(
    """SELECT c.id, c.external_id,
        CASE WHEN (c.given_name, c.family_name) = (t.given_name, t.family_name)
            THEN c.greeting_name ELSE '' END,
        t.given_name, t.family_name, {searchable}
    FROM import_customer_target t JOIN crm_customer c ON c.id = t.customer_id
    WHERE t.is_changed"""
).format(
    # A fact that no file sets is searched as it stands.
    searchable=SQL(", ").join(
        Identifier("t" if name in _TARGET else "c", name) for name in SEARCHABLE
    )
)
_CHANGED: dict[str, SQL | Composed] = {
    **{column: SQL("t.{}").format(Identifier(column)) for column in _TARGET},
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
).format(changes=_assignments(_CHANGED))
INSERT_TAGS = SQL(
    """INSERT INTO crm_tag (name)
    SELECT DISTINCT ON (lower(tag)) tag
    FROM import_customer s, jsonb_array_elements_text(s.tags) tag
    WHERE NOT EXISTS (SELECT FROM crm_tag g WHERE lower(g.name) = lower(tag))
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
    WHERE NOT EXISTS (
        SELECT FROM crm_customer_tags m
        WHERE m.customer_id = w.customer_id AND m.tag_id = g.id)
    ON CONFLICT DO NOTHING"""
)
