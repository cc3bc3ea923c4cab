"""What the same people brought in two neighbouring spans, and the curve of all.

By contract it is the value a month of what is in force on the last day of a span; by
orders the total of orders, in the shop's days: returns are subtracted on the day on
which they came back, and cancelled orders do not count, as everywhere in crm. Somebody
to whom more was paid back than they paid brought nothing.
"""

from collections.abc import Sequence
from datetime import date

from psycopg.sql import SQL, Composable, Composed, Literal

from crm.sql.subscriptions import periods
from insights.choices import Basis
from insights.metrics.spans import Pair

SLICES = 100

# One row for each person, currency and pair of spans. The first order by a window, not
# a join: of a CTE nothing is known, and a list of ten thousand took seconds in loops.
_OF_ORDERS = SQL(
    """monthly AS MATERIALIZED (
    SELECT o.customer_id, o.currency,
        date_trunc('month', o.ordered_on)::date AS month,
        sum(o.total) AS amount, bool_or(o.nature = 'sale') AS bought,
        min(min(o.ordered_on) FILTER (WHERE o.nature = 'sale'))
            OVER (PARTITION BY o.customer_id) AS first_on
    FROM crm_order o
    WHERE o.state <> 'cancelled' AND o.ordered_on < {until} AND {who}
    GROUP BY 1, 2, 3
), paired AS (
    SELECT m.currency, e.ends_on, m.customer_id,
        greatest(sum(m.amount) FILTER (WHERE m.month < e.middle), 0) AS was,
        greatest(sum(m.amount) FILTER (WHERE m.month >= e.middle), 0) AS brings,
        coalesce(sum(m.amount) FILTER (WHERE m.month >= e.middle), 0) AS exact,
        coalesce(bool_or(m.bought) FILTER (WHERE m.month >= e.middle), false) AS bought,
        coalesce(bool_or(m.first_on < e.middle), false) AS is_earlier
    FROM monthly m JOIN (VALUES {ends}) AS e (starts_on, middle, ends_on)
        ON m.month >= e.starts_on AND m.month < e.ends_on
    GROUP BY 1, 2, 3
)"""
)
# What is in force on the last day of each span, a month.
_OF_CONTRACTS = SQL(
    """period AS MATERIALIZED ({periods}), valued AS (
    SELECT p.currency, e.ends_on, p.customer_id,
        coalesce(sum(p.value) FILTER (WHERE p.starts_on < e.middle
            AND coalesce(p.ends_on, 'infinity') >= e.middle), 0) AS was,
        coalesce(sum(p.value) FILTER (
            WHERE coalesce(p.ends_on, 'infinity') >= e.ends_on), 0) AS brings,
        min(p.starts_on) < min(e.middle) AS is_earlier
    FROM period p JOIN (VALUES {ends}) AS e (starts_on, middle, ends_on)
        ON p.starts_on < e.ends_on
    GROUP BY 1, 2, 3
), paired AS (
    SELECT currency, ends_on, customer_id, was, brings, brings AS exact,
        brings > 0 AS bought, is_earlier
    FROM valued
)"""
)
GROUPS = {
    "then": SQL("was > 0"),
    "more": SQL("was > 0 AND brings > was"),
    "less": SQL("was > 0 AND brings > 0 AND brings < was"),
    "same": SQL("was > 0 AND brings = was"),
    "lost": SQL("was > 0 AND brings = 0"),
    "buyers": SQL("bought"),
    "earlier": SQL("bought AND is_earlier"),
}
_SUMS = SQL(
    """SELECT currency, ends_on,
    count(*) FILTER (WHERE {then}) AS people,
    count(*) FILTER (WHERE {more}) AS more_people,
    count(*) FILTER (WHERE {less}) AS less_people,
    count(*) FILTER (WHERE {same}) AS same_people,
    count(*) FILTER (WHERE {lost}) AS lost_people,
    coalesce(sum(was) FILTER (WHERE {then}), 0) AS start,
    coalesce(sum(brings - was) FILTER (WHERE {more}), 0) AS expansion,
    coalesce(sum(was - brings) FILTER (WHERE {less}), 0) AS contraction,
    coalesce(sum(was) FILTER (WHERE {lost}), 0) AS lost,
    coalesce(sum(was::float8 * was::float8) FILTER (WHERE {then}), 0) AS squares_then,
    coalesce(sum(brings::float8 * brings::float8) FILTER (WHERE {then}), 0)
        AS squares_now,
    coalesce(sum(was::float8 * brings::float8) FILTER (WHERE {then}), 0)
        AS products_now,
    coalesce(sum(least(was, brings)::float8 ^ 2) FILTER (WHERE {then}), 0)
        AS squares_kept,
    coalesce(sum(was::float8 * least(was, brings)::float8) FILTER (WHERE {then}), 0)
        AS products_kept,
    count(*) FILTER (WHERE {buyers}) AS buyers,
    count(*) FILTER (WHERE {earlier}) AS earlier_buyers,
    coalesce(sum(exact), 0) AS revenue,
    coalesce(sum(exact) FILTER (WHERE is_earlier), 0) AS earlier_revenue
FROM paired GROUP BY 1, 2"""
).format(**GROUPS)

CURVE = SQL(
    """SELECT currency, array_agg(people ORDER BY slice),
    array_agg(total ORDER BY slice)
FROM (
    SELECT currency, slice, count(*)::int AS people, sum(total) AS total
    FROM (
        SELECT s.currency, s.total, ntile({slices}) OVER (
            PARTITION BY s.currency ORDER BY s.total DESC, s.customer_id) AS slice
        FROM crm_ordersum s WHERE s.total > 0
    ) ranked GROUP BY 1, 2
) slices GROUP BY 1"""
).format(slices=Literal(SLICES))

BOUNDS = {
    Basis.ORDERS: SQL(
        "SELECT min(ordered_on), max(ordered_on) FROM crm_order"
        " WHERE state <> 'cancelled'"
    ),
    Basis.CONTRACT: SQL(
        "SELECT min(happened_on), max(happened_on) FROM crm_subscriptionchange"
    ),
}


def sums(
    pairs: Sequence[Pair], basis: Basis, people: Composable | None = None
) -> Composed:
    """One row for each currency and pair: the columns of MoneyPeriod from `people` on,
    after currency and ends_on. `people`: a SELECT of ids; None: everybody."""
    return SQL("WITH {} {}").format(_paired(pairs, basis, people), _SUMS)


def spenders(
    pair: Pair,
    basis: Basis,
    currency: str,
    group: str,
    people: Composable | None = None,
) -> Composed:
    """Those of one group of GROUPS: customer_id, was, brings; most at stake first.

    Takes %(after_stake)s and %(after_id)s, the last row of the page before or NULL, and
    %(most)s.
    """
    return SQL(
        """WITH {paired} SELECT customer_id, was, brings FROM paired
WHERE currency = {currency} AND {group}
    AND (%(after_id)s::bigint IS NULL
        OR (abs(brings - was), customer_id) < (%(after_stake)s, %(after_id)s::bigint))
ORDER BY abs(brings - was) DESC, customer_id DESC LIMIT %(most)s"""
    ).format(
        paired=_paired([pair], basis, people),
        currency=Literal(currency),
        group=GROUPS[group],
    )


def core(currency: str) -> Composed:
    """The core customers of a currency as `people`: nothing before, all of it now."""
    return SQL(
        """SELECT s.customer_id, 0::numeric AS was, s.total AS brings
FROM crm_ordersum s JOIN crm_coremark m ON m.currency = s.currency
JOIN crm_customer c ON c.id = s.customer_id
WHERE s.currency = {currency} AND s.total >= m.least
    AND c.merged_into_id IS NULL AND c.erased_at IS NULL
    AND (%(after_id)s::bigint IS NULL
        OR (s.total, s.customer_id) < (%(after_stake)s, %(after_id)s::bigint))
ORDER BY s.total DESC, s.customer_id DESC LIMIT %(most)s"""
    ).format(currency=Literal(currency))


def _paired(pairs: Sequence[Pair], basis: Basis, people: Composable | None) -> Composed:
    ends = SQL(", ").join(_row(pair) for pair in pairs)
    if basis is Basis.CONTRACT:
        return _OF_CONTRACTS.format(
            periods=periods(_who("customer_id", people)), ends=ends
        )
    return _OF_ORDERS.format(
        until=Literal(max(pair.ends_on for pair in pairs)),
        who=_who("o.customer_id", people),
        ends=ends,
    )


def _who(column: str, people: Composable | None) -> Composable:
    if people is None:
        return SQL("true")
    return SQL(column + " IN ({})").format(people)


def _row(pair: Pair) -> Composed:
    days: Sequence[date] = (pair.starts_on, pair.middle, pair.ends_on)
    return SQL("({})").format(SQL(", ").join(map(Literal, days)))
