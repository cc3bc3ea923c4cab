"""Signals of loyalty that are counted when they are asked for.

Each is a SELECT of the customers of a span of days, each once, and whether they are
counted: (id, is_counted). `{a}` is its first day, `{b}` the one after its last.
"""

from collections.abc import Mapping
from datetime import date

from psycopg.sql import SQL, Composed, Literal

# Of whom something is known in a span; of the others no month needs to be looked at.
_KNOWN_IN = SQL("s.months[1] < {b} AND s.months[cardinality(s.months)] >= {a}")
_BOUGHT_IN = SQL(
    "s.sales[width_bucket({b} - 1, s.months)]"
    " > coalesce(s.sales[width_bucket({a} - 1, s.months)], 0)"
)
# Whoever bought something in it, and whether they gave anything back in it.
_REFUNDS = SQL(
    """SELECT s.customer_id AS id, EXISTS (SELECT FROM crm_orderline l
        WHERE l.customer_id = s.customer_id AND l.nature = 'return'
            AND l.ordered_on >= {a} AND l.ordered_on < {b}) AS is_counted
    FROM insights_spending s
    WHERE s.basis = 'orders' AND {known_in} AND {bought_in}
    GROUP BY s.customer_id"""
)
# Whoever wrote a review in it, and whether their last one has four stars at least.
_REVIEWS = SQL(
    """SELECT DISTINCT ON (r.customer_id) r.customer_id AS id,
        r.stars >= 4 AS is_counted
    FROM feedback_review r WHERE r.state <> 'withdrawn'
        AND (r.written_at AT TIME ZONE {zone})::date >= {a}
        AND (r.written_at AT TIME ZONE {zone})::date < {b}
    ORDER BY r.customer_id, r.written_at DESC, r.id DESC"""
)
# Whoever complained in it, and whether they are customers when it is over.
_COMPLAINTS = SQL(
    """SELECT c.customer_id AS id, EXISTS (SELECT FROM insights_spell s
        WHERE s.customer_id = c.customer_id AND s.basis = {basis}
            AND s.starts_on < {b} AND coalesce(s.ends_on, 'infinity') >= {b}
        ) AS is_counted
    FROM support_conversation c
    WHERE c.kind = 'complaint' AND c.customer_id IS NOT NULL AND NOT c.is_spam
        AND (c.opened_at AT TIME ZONE {zone})::date >= {a}
        AND (c.opened_at AT TIME ZONE {zone})::date < {b}
    GROUP BY c.customer_id"""
)
# Whoever had bought before and did so again, and whether they took something that was
# new: first sold within {new_for} days, to anybody. Nothing is known to be new in the
# first year of the history, where everything is sold for the first time.
_NOVELTY = SQL(
    """SELECT s.customer_id AS id, s.customer_id IN (
        SELECT l.customer_id FROM crm_orderline l JOIN debut d USING (product_id)
        WHERE l.nature = 'purchase' AND l.ordered_on >= {a} AND l.ordered_on < {b}
            AND l.ordered_on < d.sold_on + {new_for} AND d.sold_on >= d.known_on
        ) AS is_counted
    FROM insights_spending s
    WHERE s.basis = 'orders' AND {known_in}
        AND {a} >= (SELECT min(known_on) FROM debut)
    GROUP BY s.customer_id
    HAVING min(s.first_month) < {a} AND bool_or({bought_in})"""
)
# When each product was first sold, and from when on that says that it was new.
_DEBUTS = SQL(
    """WITH debut AS MATERIALIZED (
        SELECT product_id, min(ordered_on) AS sold_on,
            min(min(ordered_on)) OVER () + 365 AS known_on
        FROM crm_orderline WHERE nature = 'purchase' GROUP BY product_id) """
)
# Whoever was a customer on a day of it, and whether they wrote praise by themselves.
_PRAISE = SQL(
    """SELECT s.customer_id AS id, s.customer_id IN (
        SELECT c.customer_id FROM support_conversation c
        WHERE c.kind = 'praise' AND c.customer_id IS NOT NULL AND NOT c.is_spam
            AND c.answers_id IS NULL AND c.side_of_id IS NULL
            AND (c.opened_at AT TIME ZONE {zone})::date >= {a}
            AND (c.opened_at AT TIME ZONE {zone})::date < {b}
            AND 'in' = (SELECT m.direction FROM support_mail m
                WHERE m.conversation_id = c.id ORDER BY m.at, m.id LIMIT 1)
        ) AS is_counted
    FROM insights_spell s WHERE s.basis = {basis}
        AND s.starts_on < {b} AND coalesce(s.ends_on, 'infinity') >= {a}
    GROUP BY s.customer_id"""
)
# Whoever wrote a review in it, and whether the last one has four stars at least, words,
# and a name to be shown with them.
_SHOWN = SQL(
    """SELECT DISTINCT ON (r.customer_id) r.customer_id AS id,
        r.stars >= 4 AND r.body <> '' AND r.name_shown <> '' AS is_counted
    FROM feedback_review r WHERE r.state <> 'withdrawn'
        AND (r.written_at AT TIME ZONE {zone})::date >= {a}
        AND (r.written_at AT TIME ZONE {zone})::date < {b}
    ORDER BY r.customer_id, r.written_at DESC, r.id DESC"""
)
SIGNALS: Mapping[str, SQL] = {
    "refunds": _REFUNDS,
    "reviews": _REVIEWS,
    "novelty": _NOVELTY,
    "praise": _PRAISE,
    "shown": _SHOWN,
    "complaints": _COMPLAINTS,
}
NEW_FOR_DAYS = 180
_COMPARED = SQL(
    """{before}SELECT count(was.id), count(*) FILTER (WHERE was.is_counted),
        count(now.id), count(*) FILTER (WHERE now.is_counted), count(was.id + now.id),
        count(*) FILTER (WHERE was.is_counted AND now.is_counted),
        count(*) FILTER (WHERE was.is_counted AND now.id IS NOT NULL),
        count(*) FILTER (WHERE now.is_counted AND was.id IS NOT NULL)
    FROM ({was}) was FULL JOIN ({now}) now USING (id)"""
)


def compared(
    signal: str,
    basis: str,
    zone: str,
    was: tuple[date, date],
    now: tuple[date, date],
) -> Composed:
    """One row for two spans: base and count of the earlier, of the later, and of those
    who are in both: all, counted in both, in the earlier, in the later."""
    return _COMPARED.format(
        before=_before(signal),
        was=_of_span(signal, basis, zone, was),
        now=_of_span(signal, basis, zone, now),
    )


def ids(signal: str, basis: str, zone: str, span: tuple[date, date]) -> Composed:
    """Those who are counted, as a SELECT of ids."""
    return SQL("{}SELECT id FROM ({}) s WHERE is_counted").format(
        _before(signal), _of_span(signal, basis, zone, span)
    )


def _before(signal: str) -> SQL:
    """What both spans need is worked out once."""
    return _DEBUTS if signal == "novelty" else SQL("")


def _of_span(signal: str, basis: str, zone: str, span: tuple[date, date]) -> Composed:
    days = {"a": Literal(span[0]), "b": Literal(span[1])}
    return SIGNALS[signal].format(
        known_in=_KNOWN_IN.format(**days),
        bought_in=_BOUGHT_IN.format(**days),
        **days,
        basis=Literal(basis),
        zone=Literal(zone),
        new_for=Literal(NEW_FOR_DAYS),
    )
