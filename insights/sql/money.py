"""What the same people brought in two neighbouring spans, and the curve of all.

By contract it is the value a month of what is in force on the last day of a span; by
orders the total of orders, in the shop's days: returns are subtracted on the day on
which they came back, and cancelled orders do not count, as everywhere in crm. Somebody
to whom more was paid back than they paid brought nothing.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal

from psycopg.sql import SQL, Composable, Composed, Literal

from insights.choices import Basis
from insights.metrics.spans import Pair

SLICES = 100
_EVERYBODY = SQL("true")

# One row for each person, currency and pair of spans, from what each had brought by the
# end of each month: a span is the difference of two places in their months. An order
# counts in its month; of a contract all changes up to a day add up to what is in force
# then. Who has no month in either span has no row. OFFSET 0 and MATERIALIZED: without
# them PostgreSQL works out each of these again in every sum that asks for it, and the
# days of each pair for each person.
_PAIRED = SQL(
    """pair AS MATERIALIZED (
    SELECT id, basis, ends_on,
        (ends_on - make_interval(months => months))::date AS middle,
        (ends_on - make_interval(months => 2 * months))::date AS starts_on
    FROM ({pairs}) asked (id, basis, months, ends_on)
), place AS (
    SELECT p.id, p.basis, s.currency, s.customer_id, {label} AS label, s.totals,
        s.sales, coalesce(s.first_month < p.middle, false) AS is_earlier,
        CASE p.basis WHEN 'orders' THEN width_bucket(p.starts_on - 1, s.months)
            ELSE 0 END AS before,
        width_bucket(p.middle - 1, s.months) AS middle,
        width_bucket(p.ends_on - 1, s.months) AS after
    FROM (SELECT s.*, months[1] AS since, months[cardinality(months)] AS latest
            FROM insights_spending s WHERE {who} OFFSET 0) s
        JOIN pair p ON p.basis = s.basis AND s.since < p.ends_on
            AND (p.basis = 'contract' OR s.latest >= p.starts_on)
        {labelled}
    OFFSET 0
), known AS (
    SELECT id, basis, currency, customer_id, label, is_earlier,
        coalesce(totals[middle], 0) - coalesce(totals[before], 0) AS earlier,
        totals[after] - coalesce(totals[middle], 0) AS later,
        sales[after] > coalesce(sales[middle], 0) AS bought
    FROM place WHERE after > before
    OFFSET 0
), paired AS (
    SELECT id, currency, customer_id, label, is_earlier,
        CASE basis WHEN 'orders' THEN greatest(earlier, 0) ELSE earlier END AS was,
        CASE basis WHEN 'orders' THEN greatest(later, 0) ELSE earlier + later END
            AS brings,
        CASE basis WHEN 'orders' THEN later ELSE earlier + later END AS exact,
        CASE basis WHEN 'orders' THEN bought ELSE earlier + later > 0 END AS bought
    FROM known
    OFFSET 0
)"""
)
GROUPS = {
    "then": SQL("was > 0"),
    "more": SQL("was > 0 AND brings > was"),
    "less": SQL("was > 0 AND brings > 0 AND brings < was"),
    "same": SQL("was > 0 AND brings = was"),
    "lost": SQL("was > 0 AND brings = 0"),
    "fewer": SQL("was > 0 AND brings < was"),
    "buyers": SQL("bought"),
    "earlier": SQL("bought AND is_earlier"),
}
_SUMS = SQL(
    """SELECT id AS end_id, currency, label, count(*) AS persons,
    count(*) FILTER (WHERE {then}) AS people,
    count(*) FILTER (WHERE {more}) AS more_people,
    count(*) FILTER (WHERE {less}) AS less_people,
    count(*) FILTER (WHERE {same}) AS same_people,
    count(*) FILTER (WHERE {lost}) AS lost_people,
    coalesce(sum(was) FILTER (WHERE {then}), 0) AS start,
    coalesce(sum(brings - was) FILTER (WHERE {more}), 0) AS expansion,
    coalesce(sum(was - brings) FILTER (WHERE {less}), 0) AS contraction,
    coalesce(sum(was) FILTER (WHERE {lost}), 0) AS lost,
    coalesce(sum(was * was) FILTER (WHERE {then}), 0) AS squares_then,
    coalesce(sum(brings * brings) FILTER (WHERE {then}), 0) AS squares_now,
    coalesce(sum(was * brings) FILTER (WHERE {then}), 0) AS products_now,
    coalesce(sum(least(was, brings) * least(was, brings)) FILTER (WHERE {then}), 0)
        AS squares_kept,
    coalesce(sum(was * least(was, brings)) FILTER (WHERE {then}), 0) AS products_kept,
    count(*) FILTER (WHERE {buyers}) AS buyers,
    count(*) FILTER (WHERE {earlier}) AS earlier_buyers,
    coalesce(sum(exact), 0) AS revenue,
    coalesce(sum(exact) FILTER (WHERE is_earlier), 0) AS earlier_revenue
FROM paired GROUP BY 1, 2, 3"""
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


_COLUMNS = SQL(
    "end_id, currency, persons, people, more_people, less_people, same_people,"
    " lost_people, start, expansion, contraction, lost, squares_then, squares_now,"
    " products_now, squares_kept, products_kept, buyers, earlier_buyers, revenue,"
    " earlier_revenue"
)


def open_ends(ids: Collection[int]) -> Composed:
    """Put the sums of ends of which there are none, of everybody."""
    kept = SQL(
        "SELECT id, basis, months, ends_on FROM insights_moneyend WHERE id = ANY({})"
    ).format(Literal(list(ids)))
    return SQL(
        "INSERT INTO insights_moneyperiod ({}) WITH {} SELECT {} FROM ({}) s"
    ).format(_COLUMNS, _paired(kept, _EVERYBODY), _COLUMNS, _SUMS)


# What is at stake and the id of a row.
Place = tuple[Decimal, int]
# By what people can be told apart, each in one group.
_LABELS: Mapping[str, SQL] = {
    "country": SQL("c.country"),
    "source": SQL("c.heard_from"),
    "owner": SQL("coalesce(c.owner_id::text, '')"),
}


def sums(
    pair: Pair, basis: Basis, people: Composable | None = None, by: str = "all"
) -> Composed:
    """One row for each currency and each value of `by`, its label: the columns of
    MoneyPeriod, counted now. `people`: a SELECT of ids; None: everybody."""
    return SQL("WITH {} {} ORDER BY label, currency").format(
        _paired(_row(pair, basis), _who(people), by), _SUMS
    )


def spenders(
    pair: Pair,
    basis: Basis,
    currency: str,
    group: str,
    people: Composable | None = None,
    *,
    after: Place | None,
    most: int,
) -> Composed:
    """Those of one group of GROUPS: customer_id, was, brings; most at stake first.
    `after`: the stake and id of the last row of the page before."""
    return SQL(
        """WITH {paired} SELECT customer_id, was, brings FROM paired
WHERE {group} AND {beyond}
ORDER BY abs(brings - was) DESC, customer_id DESC LIMIT {most}"""
    ).format(
        paired=_paired(_row(pair, basis), _in(currency, people)),
        group=GROUPS[group],
        beyond=_beyond(SQL("(abs(brings - was), customer_id)"), after),
        most=Literal(most),
    )


def _beyond(row: SQL, after: Place | None) -> Composable:
    """Below a place in a list from the highest down."""
    if after is None:
        return SQL("true")
    return SQL("{} < ({}, {})").format(row, *map(Literal, after))


def ids(
    pair: Pair,
    basis: Basis,
    currency: str,
    group: str,
    people: Composable | None = None,
) -> Composed:
    """The same as a SELECT of ids."""
    return SQL("WITH {} SELECT customer_id FROM paired WHERE {}").format(
        _paired(_row(pair, basis), _in(currency, people)), GROUPS[group]
    )


_CORE = SQL(
    """FROM crm_ordersum s JOIN crm_coremark m ON m.currency = s.currency
JOIN crm_customer c ON c.id = s.customer_id
WHERE s.currency = {currency} AND s.total >= m.least
    AND c.merged_into_id IS NULL AND c.erased_at IS NULL"""
)


def core_ids(currency: str, people: Composable | None = None) -> Composed:
    """The core customers of a currency, as a SELECT of ids."""
    found = _CORE.format(currency=Literal(currency))
    return SQL("SELECT s.customer_id {} AND {}").format(found, _who(people))


def core(
    currency: str,
    people: Composable | None = None,
    *,
    after: Place | None,
    most: int,
) -> Composed:
    """The core customers of a currency as `spenders`: nothing before, all of it now."""
    return SQL(
        """SELECT s.customer_id, 0::numeric AS was, s.total AS brings {found}
    AND {who} AND {beyond}
ORDER BY s.total DESC, s.customer_id DESC LIMIT {most}"""
    ).format(
        found=_CORE.format(currency=Literal(currency)),
        who=_who(people),
        beyond=_beyond(SQL("(s.total, s.customer_id)"), after),
        most=Literal(most),
    )


def _paired(pairs: Composable, who: Composable, by: str = "all") -> Composed:
    """`who`: a condition on the rows `s`: whose, and in which currency."""
    is_labelled = by in _LABELS
    return _PAIRED.format(
        pairs=pairs,
        who=who,
        label=_LABELS[by] if is_labelled else SQL("''::text"),
        labelled=SQL(
            "JOIN crm_customer c ON c.id = s.customer_id" if is_labelled else ""
        ),
    )


def _who(people: Composable | None) -> Composable:
    if people is None:
        return _EVERYBODY
    return SQL("s.customer_id IN ({})").format(people)


def _in(currency: str, people: Composable | None) -> Composed:
    return SQL("s.currency = {} AND {}").format(Literal(currency), _who(people))


def _row(pair: Pair, basis: Basis) -> Composed:
    return SQL("SELECT 0::bigint, {}::text, {}::int, {}::date").format(
        Literal(basis.value), Literal(pair.months), Literal(pair.ends_on)
    )
