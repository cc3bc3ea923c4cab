"""What a run did to each row: noted with each slice, and taken back by an undo.

Triggers write down the rows that a slice makes and those that it changes, as they were,
in a temporary table (migration 0033); contracts, and what apps bring, are put there by
their loaders. At the end of the slice they are noted for good,
each once, with what became of it: so an undo can tell whether anybody changed the row
since.
"""

from collections.abc import Iterable, Sequence

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from crm.rules.choices import ImportedThing
from crm.sql import staging
from crm.sql.import_digests import HASHED

TOUCHED = staging.temporary(
    "import_touched",
    "what text, row_id bigint, parent_id bigint, customer_id bigint, before jsonb",
)
BEGIN = SQL("SELECT set_config('perennial.import_run', %(run)s::text, true)")
END = SQL("SELECT set_config('perennial.import_run', '', true)")
TOUCHED_THINGS = SQL("SELECT DISTINCT what FROM import_touched")
FORGET_TOUCHED = SQL("TRUNCATE import_touched")

# The first note of a row counts: that it was made, or what it was before. A slice that
# comes later may touch a row again.
_NOTE = SQL(
    """INSERT INTO crm_importedrow (run_id, what, row_id, parent_id, customer_id,
        before, after, digest)
    SELECT %(run)s, {what}, t.row_id, t.parent_id, t.customer_id, {became}
    FROM (
        SELECT f.*, CASE WHEN i.id IS NULL THEN f.before
            ELSE f.before || i.before END AS was
        FROM (
            SELECT DISTINCT ON (row_id) * FROM import_touched WHERE what = {what}
            ORDER BY row_id, before IS NOT NULL, ctid) f
        LEFT JOIN crm_importedrow i
            ON i.run_id = %(run)s AND i.what = {what} AND i.row_id = f.row_id) t
    {rows}
    ON CONFLICT (run_id, what, row_id) DO UPDATE SET (before, after, digest)
        = (excluded.before, excluded.after, excluded.digest)"""
)
_AS_IT_WAS = {"became": SQL("t.was, NULL, NULL"), "rows": SQL("")}
_WHOLE = SQL("t.was, NULL, {digest}")
# One look by its key for each row, whatever is believed of the table: statistics of a
# time when it was empty make it the outer side, and all rows are then read for each.
_OF_EACH = SQL(
    " CROSS JOIN LATERAL (SELECT * FROM {table} o WHERE o.id = t.row_id OFFSET 0) c"
)
# Of what was there before, only the columns that differ.
_DIFFERENT = SQL(
    """CASE WHEN t.was IS NOT NULL THEN coalesce(d.before, '{{}}') END,
        CASE WHEN t.was IS NOT NULL THEN coalesce(d.after, '{{}}') END,
        CASE WHEN t.was IS NULL THEN {digest} END"""
)
_DIFFERENCES = SQL(
    """
    LEFT JOIN LATERAL (
        SELECT to_jsonb(c) AS row WHERE t.was IS NOT NULL OFFSET 0) n ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(b.key, b.value) AS before,
            jsonb_object_agg(b.key, n.row -> b.key) AS after
        FROM jsonb_each(t.was) b
        WHERE b.value IS DISTINCT FROM n.row -> b.key) d ON t.was IS NOT NULL"""
)


def _note(what: ImportedThing) -> Composed:
    if what not in HASHED:
        return _NOTE.format(what=Literal(what.value), **_AS_IT_WAS)
    table, digest = HASHED[what]
    rows = _OF_EACH.format(table=Identifier(table))
    # Orders and contracts go back as a whole.
    is_whole = what in (ImportedThing.ORDER, ImportedThing.CONTRACT)
    return _NOTE.format(
        what=Literal(what.value),
        became=(_WHOLE if is_whole else _DIFFERENT).format(digest=digest),
        rows=rows if is_whole else rows + _DIFFERENCES,
    )


NOTE = {what.value: _note(what) for what in ImportedThing}
# A table that this transaction filled has no statistics yet: it would be read whole for
# each of its rows.
BY_INDEX = SQL("SET LOCAL enable_seqscan = off")
AS_PLANNED = SQL("SET LOCAL enable_seqscan = on")


def _unchanged(what: ImportedThing) -> Composed:
    """Those of the batch `ids` that are as the run left them, locked."""
    table, digest = HASHED[what]
    return SQL(
        """SELECT c.id FROM {table} c JOIN crm_importedrow i
            ON i.run_id = %(run)s AND i.what = {what} AND i.row_id = c.id
        WHERE c.id = ANY(%(ids)s) AND i.digest = {digest}
        ORDER BY c.id FOR UPDATE OF c"""
    ).format(table=Identifier(table), what=Literal(what.value), digest=digest)


UNCHANGED = {what: _unchanged(what) for what in HASHED}
LOCK = {
    what: SQL(
        "SELECT id FROM {} WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE"
    ).format(Identifier(table))
    for what, (table, _) in HASHED.items()
}


# --- Customers and products that were there before -----------------------------------


def restore(
    what: ImportedThing, groups: Iterable[Sequence[str]], more: Composable
) -> Composed:
    """Give columns back what they held, where they hold what the run wrote; those of a
    group together or not at all. Returns the id, and whether every column went back.

    `more`: what is set besides.
    """
    table, _ = HASHED[what]
    held: dict[str, Composed] = {}
    for group in groups:
        same = SQL(" AND ").join(
            SQL("(NOT i.after ? {n} OR i.after -> {n} = n.row -> {n})").format(
                n=Literal(column)
            )
            for column in group
        )
        held.update(dict.fromkeys(group, same))
    return SQL(
        """WITH held AS (
            SELECT c.id, {is_held}
            FROM {table} c
            JOIN crm_importedrow i
                ON i.run_id = %(run)s AND i.what = {what} AND i.row_id = c.id
            CROSS JOIN LATERAL (SELECT to_jsonb(c) AS row OFFSET 0) n
            WHERE c.id = ANY(%(ids)s) AND i.before IS NOT NULL)
        UPDATE {table} c SET {changes}, {more}
        FROM held h
        JOIN crm_importedrow i
            ON i.run_id = %(run)s AND i.what = {what} AND i.row_id = h.id
        CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, i.before) b
        WHERE c.id = h.id
        RETURNING c.id, {is_whole}"""
    ).format(
        table=Identifier(table),
        what=Literal(what.value),
        more=more,
        is_held=SQL(", ").join(
            SQL("{} AS {}").format(same, Identifier(f"is_{column}"))
            for column, same in held.items()
        ),
        changes=SQL(", ").join(
            SQL(
                "{c} = CASE WHEN i.before ? {n} AND h.{h} THEN b.{c} ELSE c.{c} END"
            ).format(
                c=Identifier(column), n=Literal(column), h=Identifier(f"is_{column}")
            )
            for column in held
        ),
        is_whole=SQL(" AND ").join(
            SQL("(h.{} OR NOT i.before ? {})").format(
                Identifier(f"is_{column}"), Literal(column)
            )
            for column in held
        ),
    )


# --- Orders --------------------------------------------------------------------------

# A line that goes back may name a product that is gone.
WITHOUT_PRODUCT = SQL(
    """SELECT DISTINCT i.parent_id FROM crm_importedrow i
    WHERE i.run_id = %(run)s AND i.what = 'order_line' AND i.before IS NOT NULL
        AND i.parent_id = ANY(%(ids)s) AND NOT EXISTS (
            SELECT FROM crm_product p
            WHERE p.id = (i.before ->> 'product_id')::bigint)"""
)
DELETE_LINES = SQL("DELETE FROM crm_orderline WHERE order_id = ANY(%(ids)s)")
DELETE_ORDERS = SQL("DELETE FROM crm_order WHERE id = ANY(%(ids)s)")
DELETE_NOTED_LINES = SQL(
    """DELETE FROM crm_orderline l USING crm_importedrow i
    WHERE i.run_id = %(run)s AND i.what = 'order_line' AND i.row_id = l.id
        AND l.order_id = ANY(%(ids)s)"""
)
DELETE_CUSTOMERS = SQL("DELETE FROM crm_customer WHERE id = ANY(%(ids)s)")


_NO_MORE = SQL("")


def restore_whole(
    what: ImportedThing, columns: Sequence[str], more: Composable = _NO_MORE
) -> Composed:
    """Whole rows, but for their ids. `more`: what is set besides, after a comma."""
    table, _ = HASHED[what]
    return SQL(
        """UPDATE {table} c SET {changes}{more}
        FROM crm_importedrow i, LATERAL jsonb_populate_record(NULL::{table}, i.before) b
        WHERE i.run_id = %(run)s AND i.what = {what} AND i.row_id = c.id
            AND c.id = ANY(%(ids)s)"""
    ).format(
        table=Identifier(table),
        what=Literal(what.value),
        more=more,
        changes=SQL(", ").join(
            SQL("{c} = b.{c}").format(c=Identifier(column)) for column in columns
        ),
    )


# Those that came after the last one that was there before the run.
DELETE_LATER_CHANGES = SQL(
    """DELETE FROM crm_subscriptionchange h USING crm_importedrow i
    WHERE i.run_id = %(run)s AND i.what = 'contract' AND i.row_id = h.subscription_id
        AND h.subscription_id = ANY(%(ids)s)
        AND h.id > (i.before ->> 'last_change')::bigint"""
)


def restore_lines(columns: Sequence[str]) -> Composed:
    """Whole rows, under the ids that they had."""
    names = SQL(", ").join(map(Identifier, columns))
    values = SQL(", ").join(SQL("b.{}").format(Identifier(name)) for name in columns)
    return SQL(
        """INSERT INTO crm_orderline ({names}) SELECT {values}
        FROM crm_importedrow i,
            LATERAL jsonb_populate_record(NULL::crm_orderline, i.before) b
        WHERE i.run_id = %(run)s AND i.what = 'order_line' AND i.before IS NOT NULL
            AND i.parent_id = ANY(%(ids)s)"""
    ).format(names=names, values=values)


# First and last day of the customers of these orders, as of before and of now. Whom the
# run made and who has no order left has no known first day.
RECOUNT_DAYS = SQL(
    """UPDATE crm_customer c
    SET first_order_on = d.first_on, last_order_on = d.last_on,
        since_on = CASE WHEN c.since_from = 'given' THEN c.since_on
            WHEN d.first_on IS NULL AND NOT d.is_made THEN c.since_on
            ELSE d.first_on END,
        since_from = CASE WHEN c.since_from = 'given' THEN c.since_from
            WHEN d.first_on IS NOT NULL THEN 'first_order'
            WHEN d.is_made THEN 'entered' ELSE c.since_from END,
        updated_at = %(now)s
    FROM (
        SELECT k.id, min(o.ordered_on) AS first_on, max(o.ordered_on) AS last_on,
            EXISTS (SELECT FROM crm_importedrow i
                WHERE i.run_id = %(run)s AND i.what = 'customer'
                    AND i.row_id = k.id AND i.before IS NULL) AS is_made
        FROM crm_customer k
        LEFT JOIN crm_order o ON o.customer_id = k.id
            AND o.nature = 'sale' AND o.state <> 'cancelled'
        WHERE k.id = ANY(%(ids)s)
        GROUP BY k.id) d
    WHERE c.id = d.id
    RETURNING c.id"""
)
CUSTOMERS_OF = SQL(
    """SELECT DISTINCT pk FROM crm_importedrow i,
        LATERAL unnest(ARRAY[i.customer_id, (i.before ->> 'customer_id')::bigint]) pk
    WHERE i.run_id = %(run)s AND i.what = 'order' AND i.row_id = ANY(%(ids)s)
        AND pk IS NOT NULL"""
)
