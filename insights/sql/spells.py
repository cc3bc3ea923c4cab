"""From orders to days, from days to spells: set-based, for some customers at a time.

`{who}` is a condition on the customer `c`, so that a few marked ones and a slice of all
are counted by the same statements. The `{..._of}` are the same condition on a column of
each other table: a slice then reads its part of an index, and never a whole table. What
is as it should be is not written again. The sums by month follow by triggers of the
tables, whoever writes to them.
"""

from collections.abc import Callable, Collection

from psycopg.sql import SQL, Composed, Literal

from crm.sql import subscriptions

# A condition on a column with the ids of customers: whom of.
Who = Callable[[str], Composed]
# One count at a time: two would add the same difference twice, or block each other.
LOCK = SQL("SELECT pg_advisory_xact_lock(hashtextextended('insights', 0))")


def marked(ids: Collection[int], column: str) -> Composed:
    """These customers."""
    return SQL(column + " = ANY({})").format(Literal(list(ids)))


def between(after: int, until: int, column: str) -> Composed:
    """A slice of all customers by id, `after` not included."""
    return SQL("{column} > {after} AND {column} <= {until}").format(
        column=SQL(column), after=Literal(after), until=Literal(until)
    )


# Of the merged and the erased nothing is kept: the orders of the ones are the kept
# record's, the others are nobody any more.
_LIVE = SQL(
    """live AS MATERIALIZED (
    SELECT c.id, c.country, c.heard_from, c.owner_id FROM crm_customer c
    WHERE {who} AND c.merged_into_id IS NULL AND c.erased_at IS NULL)"""
)
# A day counts where something that was bought on it was kept: an order is given back
# whole by the returns that name it, a product by what came back on the same day. Of
# whoever gave nothing back an index alone knows the days. Nothing is joined: of a shop
# that was just imported PostgreSQL knows no sizes yet, and would join in loops.
_DAYS = SQL(
    """{live}, undone AS MATERIALIZED (
    SELECT o.id, o.customer_id
    FROM crm_order o JOIN crm_order r ON r.returns_order_id = o.id
    WHERE r.returns_order_id IS NOT NULL AND r.nature = 'return'
        AND r.state <> 'cancelled' AND {orders_of}
    GROUP BY o.id HAVING o.total + sum(r.total) <= 0
), gone AS MATERIALIZED (
    SELECT id FROM undone UNION ALL
    SELECT id FROM crm_order WHERE returns_order_id IN (SELECT id FROM undone)
), back AS MATERIALIZED (
    SELECT customer_id FROM crm_orderline WHERE nature = 'return' AND {lines_of}
    UNION SELECT customer_id FROM undone
), line AS (
    SELECT customer_id, ordered_on, product_id, quantity, order_id FROM crm_orderline
    WHERE nature = 'purchase' AND {lines_of} AND customer_id IN (TABLE back)
    UNION ALL
    SELECT customer_id, ordered_on, product_id, quantity, order_id FROM crm_orderline
    WHERE nature = 'return' AND {lines_of} AND customer_id IN (TABLE back)
), bought AS (
    SELECT customer_id, ordered_on FROM crm_orderline
    WHERE nature = 'purchase' AND {lines_of} AND customer_id NOT IN (TABLE back)
    UNION ALL
    SELECT customer_id, ordered_on FROM line WHERE order_id NOT IN (TABLE gone)
    GROUP BY customer_id, ordered_on, product_id HAVING sum(quantity) > 0
), fresh AS (
    SELECT customer_id, days
    FROM (SELECT customer_id, array_agg(DISTINCT ordered_on ORDER BY ordered_on) AS days
        FROM bought GROUP BY customer_id) b
    WHERE customer_id IN (SELECT id FROM live))"""
)
# A spell goes on as long as the next order comes within the days of the definition: it
# begins with a day that came later than those after the one before. Both lists are
# unrolled side by side, the day before each one beside it.
_SPELLS = SQL(
    """{live}, beginning AS (
    SELECT customer_id, day, before, last
    FROM (SELECT b.customer_id, b.days[cardinality(b.days)] AS last,
            unnest(b.days) AS day, unnest(NULL::date || b.days) AS before
        FROM insights_buyer b WHERE {buyers_of} AND {by_orders}) d
    WHERE day IS NOT NULL AND (before IS NULL OR day - before > {days})
), spell AS (
    SELECT 'orders' AS basis, customer_id, row_number() OVER by_day AS number,
        day AS starts_on, coalesce(lead(before) OVER by_day, last) + {days} AS ends_on
    FROM beginning WINDOW by_day AS (PARTITION BY customer_id ORDER BY day)
    UNION ALL
    SELECT 'contract', customer_id, row_number()
        OVER (PARTITION BY customer_id ORDER BY starts_on), starts_on, ends_on
    FROM ({contracts}) active WHERE {by_contract}
), fresh AS (
    SELECT s.basis, s.customer_id, s.number, s.starts_on, s.ends_on, live.country,
        live.heard_from AS source, live.owner_id
    FROM spell s JOIN live ON live.id = s.customer_id)"""
)
# In one statement: what is fresh is worked out once and compared once with what is
# there. New rows are written in the order of their index, which costs a third of what
# any order does.
_KEEP_DAYS = SQL(
    """WITH {fresh}, change AS MATERIALIZED (
    SELECT customer_id, fresh.days, kept.days IS NULL AS is_new
    FROM fresh FULL JOIN (SELECT * FROM insights_buyer b WHERE {buyers_of}) kept
        USING (customer_id)
    WHERE fresh.days IS DISTINCT FROM kept.days
), over AS (
    DELETE FROM insights_buyer b USING change
    WHERE {buyers_of} AND b.customer_id = change.customer_id AND change.days IS NULL
), other AS (
    UPDATE insights_buyer b SET days = change.days FROM change
    WHERE {buyers_of} AND b.customer_id = change.customer_id AND NOT is_new
        AND change.days IS NOT NULL)
INSERT INTO insights_buyer (customer_id, days)
SELECT customer_id, days FROM change WHERE is_new ORDER BY customer_id"""
)
_KEEP_SPELLS = SQL(
    """WITH {fresh}, change AS MATERIALIZED (
    SELECT customer_id, basis, starts_on, fresh.number, fresh.ends_on, fresh.country,
        fresh.source, fresh.owner_id, kept.number IS NULL AS is_new
    FROM fresh FULL JOIN (SELECT * FROM insights_spell s WHERE {spells_of}) kept
        USING (customer_id, basis, starts_on)
    WHERE (fresh.number, fresh.ends_on, fresh.country, fresh.source, fresh.owner_id)
        IS DISTINCT FROM
        (kept.number, kept.ends_on, kept.country, kept.source, kept.owner_id)
), over AS (
    DELETE FROM insights_spell s USING change n
    WHERE {spells_of} AND n.number IS NULL AND (s.customer_id, s.basis, s.starts_on)
        = (n.customer_id, n.basis, n.starts_on)
), other AS (
    UPDATE insights_spell s SET number = n.number, ends_on = n.ends_on,
        country = n.country, source = n.source, owner_id = n.owner_id
    FROM change n
    WHERE {spells_of} AND n.number IS NOT NULL AND NOT n.is_new
        AND (s.customer_id, s.basis, s.starts_on)
            = (n.customer_id, n.basis, n.starts_on))
INSERT INTO insights_spell (basis, customer_id, number, starts_on, ends_on,
    country, source, owner_id)
SELECT basis, customer_id, number, starts_on, ends_on, country, source, owner_id
FROM change WHERE is_new ORDER BY customer_id, basis, starts_on"""
)


def count_days(who: Who) -> Composed:
    """A statement that brings the days on which these customers bought up to date."""
    fresh = _DAYS.format(
        live=_LIVE.format(who=who("c.id")),
        orders_of=who("o.customer_id"),
        lines_of=who("customer_id"),
    )
    return _KEEP_DAYS.format(fresh=fresh, buyers_of=who("b.customer_id"))


def count_spells(
    who: Who, *, days: int, by_orders: bool, by_contract: bool
) -> Composed:
    """A statement that brings the spells of these customers up to date."""
    fresh = _SPELLS.format(
        live=_LIVE.format(who=who("c.id")),
        buyers_of=who("b.customer_id"),
        days=Literal(days),
        by_orders=Literal(by_orders),
        by_contract=Literal(by_contract),
        contracts=subscriptions.active_days(who("customer_id")),
    )
    return _KEEP_SPELLS.format(fresh=fresh, spells_of=who("s.customer_id"))


MARK = SQL(
    """INSERT INTO insights_stalecustomer (customer_id, marked_at)
    SELECT id, %(now)s FROM unnest(%(ids)s::bigint[]) id
    ON CONFLICT (customer_id) DO UPDATE SET marked_at = excluded.marked_at
    WHERE false"""
)
TAKE_MARKS = SQL(
    """WITH oldest AS MATERIALIZED (
        SELECT customer_id FROM insights_stalecustomer
        ORDER BY marked_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    DELETE FROM insights_stalecustomer mark USING oldest
    WHERE mark.customer_id = oldest.customer_id RETURNING mark.customer_id"""
)
SLICE_END = SQL(
    """SELECT max(id) FROM (SELECT id FROM crm_customer WHERE id > %(after)s
        ORDER BY id LIMIT %(most)s) slice"""
)
