"""A slice of checked orders: from the staging tables into the order book.

Staging is typed and temporary, made in the transaction of each slice. Nothing that
is already as the file says is written to, not even locked.
"""

from collections.abc import Sequence

from psycopg.sql import SQL, Composed, Literal

from crm.sql import merging, staging

STAGING = (
    staging.temporary(
        "import_order",
        """no int, external_id text, customer_id bigint, customer_ref text, nature text,
        state text, ordered_at timestamptz, ordered_on date, delivered_on date,
        currency text, total numeric(18,4), lines int""",
    ),
    staging.temporary(
        "import_line",
        """no int, line_key text, product_no int, quantity numeric(14,3),
        unit_price numeric(14,4), amount numeric(14,4), nature text,
        tax numeric(14,4), returned_order text, returned_line text""",
    ),
    staging.temporary(
        "import_product",
        """no int, sku text, name text, category text, nature text, is_ruled boolean""",
    ),
    staging.temporary(
        "import_customer_ref",
        """external_id text, search_text text, country text, email text,
        email_norm text""",
    ),
    # Where each order of the slice goes, and what has to be done there.
    staging.temporary(
        "import_target",
        """no int, order_id bigint, customer_id bigint, old_customer_id bigint,
        ordered_on date, is_cancelled boolean, is_new boolean, is_changed boolean""",
    ),
    # The number of a product in the file -> its row.
    staging.temporary(
        "import_product_id",
        """no int PRIMARY KEY, product_id bigint NOT NULL""",
    ),
)
# The transaction of a dry run goes on from slice to slice.
EMPTY = SQL(
    "TRUNCATE import_order, import_line, import_product, import_customer_ref,"
    " import_target, import_product_id"
)
# Temporary tables are never analysed by the server itself.
ANALYZE = SQL("ANALYZE import_order, import_line")
ANALYZE_TARGET = SQL("ANALYZE import_target")


# --- Customers and products that the slice brings along ------------------------------


def known_customers(source: str) -> Composed:
    """External id -> its record, which may be merged: AIM follows it."""
    return SQL(
        """COPY (
            SELECT external_id, id FROM crm_customer
            WHERE source = {} AND erased_at IS NULL) TO STDOUT"""
    ).format(Literal(source))


# What came by the number of a merged record is that record's, should they part.
NOTE_ARRIVALS = merging.note_arrivals(
    "orders",
    SQL(
        """SELECT s.customer_id AS record, t.order_id AS row_id
        FROM import_order s JOIN import_target t ON t.no = s.no
        WHERE t.is_new OR t.is_changed"""
    ),
)
INSERT_CUSTOMERS = SQL(
    """INSERT INTO crm_customer (
        source, external_id, given_name, family_name, greeting_name, sort_name,
        search_text, email, email_norm, phone_e164, phone_text, language, time_zone,
        country, since_from, heard_from, heard_text, organisation, notes, custom,
        last_import_id, created_at, updated_at, version)
    SELECT %(source)s, external_id, '', '', '', '', search_text, email, email_norm,
        '', '', '', '', country, 'entered', '', '', '', '', '{}', %(run)s, %(now)s,
        %(now)s, 1
    FROM import_customer_ref
    ON CONFLICT (source, external_id) DO NOTHING
    RETURNING id"""
)
RESOLVE_CUSTOMERS = SQL(
    """UPDATE import_order s SET customer_id = c.id
    FROM crm_customer c
    WHERE s.customer_ref IS NOT NULL
        AND c.source = %(source)s AND c.external_id = s.customer_ref"""
)
INSERT_PRODUCTS = SQL(
    """INSERT INTO crm_product (source, sku, name, category, nature, version)
    SELECT %(source)s, s.sku, s.name, s.category, s.nature, 1
    FROM import_product s
    WHERE NOT EXISTS (
        SELECT FROM crm_product p WHERE p.source = %(source)s AND p.sku = s.sku)
    ON CONFLICT (source, sku) DO NOTHING"""
)
# An empty name says nothing; a nature changes only where a rule says so, because
# people may have set it by hand.
UPDATE_PRODUCTS = SQL(
    """UPDATE crm_product p
    SET name = coalesce(nullif(s.name, ''), p.name),
        category = coalesce(nullif(s.category, ''), p.category),
        nature = CASE WHEN s.is_ruled THEN s.nature ELSE p.nature END,
        version = p.version + 1
    FROM import_product s
    WHERE p.source = %(source)s AND p.sku = s.sku AND (p.name, p.category, p.nature)
        IS DISTINCT FROM (coalesce(nullif(s.name, ''), p.name),
            coalesce(nullif(s.category, ''), p.category),
            CASE WHEN s.is_ruled THEN s.nature ELSE p.nature END)"""
)
NUMBER_PRODUCTS = SQL(
    """INSERT INTO import_product_id (no, product_id)
    SELECT s.no, p.id
    FROM import_product s
    JOIN crm_product p ON p.source = %(source)s AND p.sku = s.sku
    RETURNING no, product_id"""
)
# Of those that an earlier slice numbered.
USED_PRODUCTS = SQL(
    """SELECT DISTINCT product_no FROM import_line WHERE product_no NOT IN (
        SELECT no FROM import_product_id)"""
)

# --- What is new, and what differs ---------------------------------------------------

# The state and the delivery day are changed only by a file that names them.
AIM = SQL(
    """INSERT INTO import_target
    SELECT s.no, coalesce(o.id, nextval('crm_order_id_seq')), c.id,
        nullif(o.customer_id, c.id), s.ordered_on,
        coalesce(s.state, o.state, 'placed') = 'cancelled',
        o.id IS NULL,
        o.id IS NOT NULL AND (o.customer_id, o.nature, o.state, o.ordered_at,
            o.ordered_on, o.delivered_on, o.currency, o.total)
            IS DISTINCT FROM (c.id, s.nature, coalesce(s.state, o.state), s.ordered_at,
            s.ordered_on, coalesce(s.delivered_on, o.delivered_on), s.currency, s.total)
    FROM import_order s
    LEFT JOIN crm_customer k ON k.id = s.customer_id
    LEFT JOIN crm_customer c ON c.id = coalesce(k.merged_into_id, k.id)
    LEFT JOIN crm_order o ON o.source = %(source)s AND o.external_id = s.external_id"""
)
# What a return gives back is changed only by a file with that column; it is NULL here
# without it. A tax that is not named stays with the amount that contains it. Nothing in
# a cancelled order is a purchase; see crm.rules.trade.line_nature.
_LINES = SQL(
    """SELECT s.no, t.order_id, s.line_key, t.customer_id, p.product_id, t.ordered_on,
        s.quantity, s.unit_price, s.amount,
        CASE WHEN t.is_cancelled AND s.nature IN ('purchase', 'return')
            THEN 'writeoff' ELSE s.nature END AS nature,
        s.tax, s.returned_order, s.returned_line
    FROM import_line s
    JOIN import_target t ON t.no = s.no
    LEFT JOIN import_product_id p ON p.no = s.product_no"""
)
FIND_CHANGED_LINES = SQL(
    """WITH stated AS ({lines} WHERE NOT t.is_new AND NOT t.is_changed),
    kept AS (
        SELECT t.no, l.* FROM import_target t
        JOIN crm_orderline l ON l.order_id = t.order_id
        WHERE NOT t.is_new AND NOT t.is_changed)
    UPDATE import_target SET is_changed = true WHERE no IN (
        SELECT coalesce(a.no, b.no)
        FROM stated a FULL JOIN kept b ON b.no = a.no AND b.line_key = a.line_key
        WHERE (a.customer_id, a.product_id, a.ordered_on, a.quantity, a.unit_price,
            a.amount, a.nature, coalesce(a.tax, b.tax),
            coalesce(a.returned_order, b.returned_order),
            coalesce(a.returned_line, b.returned_line))
            IS DISTINCT FROM (b.customer_id, b.product_id, b.ordered_on, b.quantity,
            b.unit_price, b.amount, b.nature, b.tax, b.returned_order,
            b.returned_line))"""
).format(lines=_LINES)


def lines_of(products: Sequence[int]) -> Composed:
    """Number of a product in the file, its lines in the slice, those below zero."""
    return SQL(
        """SELECT product_no, count(*), count(*) FILTER (WHERE amount < 0)
        FROM import_line WHERE product_no = ANY({}) GROUP BY product_no"""
    ).format(Literal([*products]))


COUNT = SQL(
    """SELECT coalesce(sum(s.lines) FILTER (WHERE t.is_new), 0),
        coalesce(sum(s.lines) FILTER (WHERE t.is_changed), 0),
        coalesce(sum(s.lines) FILTER (WHERE NOT t.is_new AND NOT t.is_changed), 0)
    FROM import_order s JOIN import_target t ON t.no = s.no"""
)
# Of the lines of changed orders, those that their order did not have.
COUNT_ADDED_LINES = SQL(
    """SELECT count(*) FROM import_line s
    JOIN import_target t ON t.no = s.no AND t.is_changed
    WHERE NOT EXISTS (SELECT FROM crm_orderline l
        WHERE l.order_id = t.order_id AND l.line_key = s.line_key)"""
)

# --- Writing -------------------------------------------------------------------------

INSERT_ORDERS = SQL(
    """INSERT INTO crm_order (
        id, source, external_id, number, customer_id, nature, state, ordered_at,
        ordered_on, delivered_on, cancelled_at, currency, total, last_import_id)
    SELECT t.order_id, %(source)s, s.external_id, s.external_id, t.customer_id,
        s.nature, coalesce(s.state, 'placed'), s.ordered_at, s.ordered_on,
        s.delivered_on, CASE WHEN t.is_cancelled THEN %(now)s::timestamptz END,
        s.currency, s.total, %(run)s
    FROM import_order s JOIN import_target t ON t.no = s.no
    WHERE t.is_new"""
)
UPDATE_ORDERS = SQL(
    """UPDATE crm_order o
    SET customer_id = t.customer_id, nature = s.nature,
        state = coalesce(s.state, o.state), ordered_at = s.ordered_at,
        ordered_on = s.ordered_on,
        delivered_on = coalesce(s.delivered_on, o.delivered_on),
        cancelled_at = CASE WHEN t.is_cancelled
            THEN coalesce(o.cancelled_at, %(now)s) END,
        currency = s.currency, total = s.total, last_import_id = %(run)s
    FROM import_order s JOIN import_target t ON t.no = s.no
    WHERE o.id = t.order_id AND t.is_changed"""
)
_INSERT_LINES = SQL(
    """INSERT INTO crm_orderline (order_id, line_key, customer_id, product_id,
        ordered_on, quantity, unit_price, amount, nature, tax, returned_order,
        returned_line)
    SELECT order_id, line_key, customer_id, product_id, ordered_on, quantity,
        unit_price, amount, nature, tax, coalesce(returned_order, ''),
        coalesce(returned_line, '')
    FROM ({lines} WHERE {which}) stated"""
)
INSERT_LINES = _INSERT_LINES.format(lines=_LINES, which=SQL("t.is_new"))
ADD_LINES = _INSERT_LINES.format(
    lines=_LINES,
    which=SQL(
        """t.is_changed AND NOT EXISTS (SELECT FROM crm_orderline l
            WHERE l.order_id = t.order_id AND l.line_key = s.line_key)"""
    ),
)
_IS_REMOVED = SQL(
    """l.order_id = t.order_id AND t.is_changed AND NOT EXISTS (
        SELECT FROM import_line s WHERE s.no = t.no AND s.line_key = l.line_key)"""
)
REMOVED_LINES = SQL(
    """SELECT o.external_id, count(*)
    FROM import_target t JOIN crm_orderline l ON {which}
    JOIN import_order o ON o.no = t.no
    GROUP BY o.no, o.external_id ORDER BY o.no"""
).format(which=_IS_REMOVED)
DELETE_LINES = SQL(
    "DELETE FROM crm_orderline l USING import_target t WHERE {which}"
).format(which=_IS_REMOVED)
UPDATE_LINES = SQL(
    """UPDATE crm_orderline l
    SET customer_id = a.customer_id, product_id = a.product_id,
        ordered_on = a.ordered_on, quantity = a.quantity, unit_price = a.unit_price,
        amount = a.amount, nature = a.nature, tax = {tax},
        returned_order = coalesce(a.returned_order, l.returned_order),
        returned_line = coalesce(a.returned_line, l.returned_line)
    FROM ({lines} WHERE t.is_changed) a
    WHERE l.order_id = a.order_id AND l.line_key = a.line_key
        AND (l.customer_id, l.product_id, l.ordered_on, l.quantity, l.unit_price,
            l.amount, l.nature, l.tax, l.returned_order, l.returned_line)
            IS DISTINCT FROM (a.customer_id, a.product_id, a.ordered_on, a.quantity,
            a.unit_price, a.amount, a.nature, {tax},
            coalesce(a.returned_order, l.returned_order),
            coalesce(a.returned_line, l.returned_line))"""
).format(
    lines=_LINES,
    tax=SQL("coalesce(a.tax, CASE WHEN a.amount = l.amount THEN l.tax END)"),
)


# --- What it touched -----------------------------------------------------------------

TOUCHED = SQL(
    """SELECT coalesce(array_agg(order_id), '{}'),
        coalesce(array_agg(DISTINCT customer_id), '{}')
            || coalesce(array_agg(DISTINCT old_customer_id)
                FILTER (WHERE old_customer_id IS NOT NULL), '{}')
    FROM import_target WHERE is_new OR is_changed"""
)
