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
), fresh AS MATERIALIZED (
    SELECT customer_id, days
    FROM (SELECT customer_id, array_agg(DISTINCT ordered_on ORDER BY ordered_on) AS days
        FROM bought GROUP BY customer_id) b
    WHERE customer_id IN (SELECT id FROM live))"""
)
# A spell goes on as long as the next order comes within the days of the definition.
_SPELLS = SQL(
    """{live}, bought AS (
    SELECT b.customer_id, day, coalesce(
        day - lag(day) OVER (PARTITION BY b.customer_id ORDER BY day) > {days}, true
    ) AS is_first
    FROM insights_buyer b JOIN live ON live.id = b.customer_id, unnest(b.days) day
    WHERE {buyers_of} AND {by_orders}
), numbered AS (
    SELECT customer_id, day, count(*) FILTER (WHERE is_first)
        OVER (PARTITION BY customer_id ORDER BY day) AS number
    FROM bought
), spell AS (
    SELECT 'orders' AS basis, customer_id, number, min(day) AS starts_on,
        max(day) + {days} AS ends_on
    FROM numbered GROUP BY customer_id, number
    UNION ALL
    SELECT 'contract', customer_id, row_number()
        OVER (PARTITION BY customer_id ORDER BY starts_on), starts_on, ends_on
    FROM ({contracts}) active WHERE {by_contract}
), fresh AS MATERIALIZED (
    SELECT s.basis, s.customer_id, s.number, s.starts_on, s.ends_on, live.country,
        live.heard_from AS source, live.owner_id
    FROM spell s JOIN live ON live.id = s.customer_id)"""
)
# In one statement, so that what is fresh is worked out once: it takes away what is no
# more and puts what is new or changed, of which neither meets the other.
_KEEP_DAYS = SQL(
    """WITH {fresh}, over AS (
        DELETE FROM insights_buyer b
        WHERE {buyers_of} AND b.customer_id NOT IN (SELECT customer_id FROM fresh))
    INSERT INTO insights_buyer (customer_id, days)
    SELECT customer_id, days FROM fresh f WHERE NOT EXISTS (
        SELECT FROM insights_buyer b WHERE {buyers_of}
            AND b.customer_id = f.customer_id AND b.days = f.days)
    ON CONFLICT (customer_id) DO UPDATE SET days = excluded.days"""
)
_KEEP_SPELLS = SQL(
    """WITH {fresh}, over AS (
        DELETE FROM insights_spell s WHERE {spells_of} AND NOT EXISTS (
            SELECT FROM fresh f WHERE f.customer_id = s.customer_id
                AND f.basis = s.basis AND f.starts_on = s.starts_on))
    INSERT INTO insights_spell (basis, customer_id, number, starts_on, ends_on,
        country, source, owner_id)
    SELECT basis, customer_id, number, starts_on, ends_on, country, source, owner_id
    FROM fresh f WHERE NOT EXISTS (
        SELECT FROM insights_spell s WHERE {spells_of}
            AND s.customer_id = f.customer_id AND s.basis = f.basis
            AND s.starts_on = f.starts_on
            AND (s.number, s.ends_on, s.country, s.source, s.owner_id)
                IS NOT DISTINCT FROM
                (f.number, f.ends_on, f.country, f.source, f.owner_id))
    ON CONFLICT (customer_id, basis, starts_on) DO UPDATE
    SET number = excluded.number, ends_on = excluded.ends_on,
        country = excluded.country, source = excluded.source,
        owner_id = excluded.owner_id"""
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
