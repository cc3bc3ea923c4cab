"""What the rows of a slice of customers make of the records that there are.

NULL in staging means that the file says nothing about the field; `erased` names the
cells that are empty where that erases.
"""

from collections.abc import Sequence

from psycopg.sql import SQL, Composed, Identifier, Literal

from crm.customer_facts import ADDRESS_PARTS, IMPORTED_LINES
from crm.sql.expressions import as_named, assignments, listed

# Columns of text that a file sets together, with those of them that are empty where
# nothing is known yet.
TEXTS = (
    (("given_name", "family_name"), ("given_name", "family_name")),
    (("email", "email_norm"), ("email",)),
    (("phone_e164", "phone_text"), ("phone_text",)),
    *(((name,), (name,)) for name in ("language", "time_zone", "country")),
    *(((fact.name,), (fact.name,)) for fact in IMPORTED_LINES),
)
TEXT_COLUMNS = tuple(column for columns, _ in TEXTS for column in columns)
BIRTHDAY = ("birth_month", "birth_day", "birth_year")


# Of a record that the file only adds to: a street is not put beside another's city.
_IS_SAME_ADDRESS = SQL(" AND ").join(
    SQL("(c.{0} = '' OR s.{0} IS NULL OR lower(c.{0}) = lower(s.{0}))").format(
        Identifier(part)
    )
    for part in ADDRESS_PARTS
)
# A flat belongs to its street, and is not carried over to the next one.
_EXTRA = SQL(
    """CASE WHEN w.is_own AND lower(s.street) <> lower(c.street)
        THEN coalesce(s.street_extra, '') ELSE {} END"""
)


def _told_or_kept(column: str, empty: Sequence[str], *, erased: str) -> Composed:
    """`erased`: the column of a file whose empty cell erases it; "" where none does."""
    lacks = [SQL("c.{} = ''").format(Identifier(name)) for name in empty]
    if column in ADDRESS_PARTS:
        lacks.append(_IS_SAME_ADDRESS)
    return SQL(
        """CASE {erase} WHEN w.is_own OR ({lacks}) THEN coalesce(s.{c}, c.{c})
            ELSE c.{c} END"""
    ).format(
        c=Identifier(column),
        erase=_erase(column, erased, SQL("''")),
        lacks=SQL(" AND ").join(lacks),
    )


def _whole_or_kept(
    column: str,
    key: str,
    told: SQL | None = None,
    *,
    erased: str,
    blank: SQL,
) -> Composed:
    """Several columns that are one fact: all of them are the file's, or none."""
    return SQL(
        """CASE {erase} WHEN s.{key} IS NOT NULL AND (w.is_own OR c.{key} IS NULL)
            THEN {told} ELSE c.{c} END"""
    ).format(
        c=Identifier(column),
        key=Identifier(key),
        erase=_erase(key, erased, blank),
        told=told or SQL("s.{}").format(Identifier(column)),
    )


def _erase(key: str, erased: str, blank: SQL) -> Composed:
    """The branch of an empty cell. What another row of the same person says wins."""
    if not erased:
        return Composed([])
    return SQL(
        "WHEN w.is_own AND s.{key} IS NULL AND {erased} = ANY(s.erased) THEN {blank}"
    ).format(key=Identifier(key), erased=Literal(erased), blank=blank)


def _target(*, erases: bool) -> dict[str, SQL | Composed]:
    """What the kept row becomes: every column that the file may set."""
    texts = {
        column: _told_or_kept(
            column, empty, erased=CELLS.get(column, column) if erases else ""
        )
        for columns, empty in TEXTS
        for column in columns
    }
    birthday = {
        column: _whole_or_kept(
            column,
            "birth_month",
            erased="birthday" if erases else "",
            blank=SQL("NULL"),
        )
        for column in BIRTHDAY
    }
    texts["street_extra"] = _EXTRA.format(texts["street_extra"])
    since = "customer_since" if erases else ""
    # Words for everybody of the file who has none, neither there nor here.
    texts["mail_ground"] = SQL("coalesce(nullif({}, ''), %(ground)s)").format(
        texts["mail_ground"]
    )
    return {
        **texts,
        **birthday,
        "since_on": _whole_or_kept(
            "since_on", "since_on", erased=since, blank=SQL("c.first_order_on")
        ),
        "since_from": _whole_or_kept(
            "since_from",
            "since_on",
            SQL("'given'"),
            erased=since,
            blank=SQL(
                "CASE WHEN c.first_order_on IS NULL THEN 'entered'"
                " ELSE 'first_order' END"
            ),
        ),
        "custom": _CUSTOM.format(kept=_KEPT_CUSTOM if erases else SQL("c.custom")),
    }


_CUSTOM = SQL(
    """CASE WHEN w.is_own THEN {kept} || coalesce(s.custom, '{{}}')
        ELSE coalesce(s.custom, '{{}}') || c.custom END"""
)
# Without the fields whose cells are empty ("custom.NAME").
_KEPT_CUSTOM = SQL(
    """(c.custom - ARRAY(
        SELECT substr(cell, 8) FROM unnest(s.erased) cell
        WHERE starts_with(cell, 'custom.')))"""
)
# Column -> the cell of a file that holds it, where that has another name.
CELLS = {
    **{"email_norm": "email", "phone_e164": "phone", "phone_text": "phone"},
    **{fact.name: fact.import_column for fact in IMPORTED_LINES},
}
TARGET = _target(erases=False)
# The same as email, which is compared already.
_COMPARED = tuple(column for column in TARGET if column != "email_norm")


_FIND_CHANGED = SQL(
    """INSERT INTO import_customer_target (customer_id, is_changed, {columns})
    SELECT DISTINCT ON (c.id) c.id,
        ({before}) IS DISTINCT FROM ({after})
        OR EXISTS (
            SELECT FROM jsonb_array_elements_text(s.tags) tag
            WHERE NOT EXISTS (
                SELECT FROM crm_customer_tags m JOIN crm_tag g ON g.id = m.tag_id
                WHERE m.customer_id = c.id AND lower(g.name) = lower(tag)))
        {or_untagged},
        {values}
    FROM import_customer s
    JOIN import_customer_aim w ON w.no = s.no
    JOIN crm_customer c ON c.id = w.customer_id
    CROSS JOIN LATERAL (SELECT {told}) n
    WHERE w.is_own = %(own)s AND NOT w.is_left AND NOT (w.is_new AND w.is_first)
    ORDER BY c.id, w.no DESC"""
)
IS_UNTAGGED = SQL(
    """w.is_own AND NOT w.is_left AND s.tags IS NULL AND 'tags' = ANY(s.erased)"""
)


def _find_changed(*, erases: bool) -> Composed:
    has_tags = SQL(
        """OR ({untagged} AND EXISTS (
            SELECT FROM crm_customer_tags m WHERE m.customer_id = c.id))"""
    ).format(untagged=IS_UNTAGGED)
    return _FIND_CHANGED.format(
        columns=listed(TARGET),
        before=listed(_COMPARED, "c"),
        after=listed(_COMPARED, "n"),
        values=listed(TARGET, "n"),
        told=as_named(_target(erases=erases)),
        or_untagged=has_tags if erases else SQL(""),
    )


FIND_CHANGED = _find_changed(erases=False)
FIND_CHANGED_OR_EMPTY = _find_changed(erases=True)


# --- Several rows of one person ------------------------------------------------------


def _last(column: str, key: str) -> Composed:
    """Of the cells that say something, that of the last row."""
    return SQL(
        "(array_agg(s.{c} ORDER BY s.no DESC) FILTER (WHERE s.{key} IS NOT NULL))[1]"
    ).format(c=Identifier(column), key=Identifier(key))


_LAST = {
    **{column: _last(column, column) for column in (*TEXT_COLUMNS, "since_on")},
    **{column: _last(column, "birth_month") for column in BIRTHDAY},
}
# The last row of a person takes the cells of the rows before it, where it says nothing.
FOLD = SQL(
    """WITH groups AS (
        SELECT customer_id, is_own, max(no) AS last
        FROM import_customer_aim WHERE customer_id IS NOT NULL
        GROUP BY customer_id, is_own HAVING count(*) > 1),
    members AS (
        SELECT g.last, s.*
        FROM groups g
        JOIN import_customer_aim w
            ON w.customer_id = g.customer_id AND w.is_own = g.is_own
        JOIN import_customer s ON s.no = w.no),
    facts AS (SELECT s.last, {last} FROM members s GROUP BY s.last),
    customs AS (
        SELECT s.last, jsonb_object_agg(e.key, e.value ORDER BY s.no) AS custom
        FROM members s, jsonb_each(s.custom) e GROUP BY s.last),
    tags AS (
        SELECT s.last, jsonb_agg(DISTINCT tag) AS tags
        FROM members s, jsonb_array_elements_text(s.tags) tag GROUP BY s.last),
    empty AS (
        SELECT s.last, array_agg(DISTINCT cell) AS erased
        FROM members s, unnest(s.erased) cell GROUP BY s.last)
    UPDATE import_customer t
    SET {facts}, custom = customs.custom, tags = tags.tags, erased = empty.erased
    FROM facts
    LEFT JOIN customs USING (last) LEFT JOIN tags USING (last)
    LEFT JOIN empty USING (last)
    WHERE t.no = facts.last"""
).format(
    last=as_named(_LAST),
    facts=assignments(
        {name: SQL("facts.{}").format(Identifier(name)) for name in _LAST}
    ),
)
