"""What DuckDB is asked by peer_duckdb.py. `shop` is the attached database.

Each in the fastest of the forms that were tried: lists are sorted after they were
gathered (a third of list(... ORDER BY ...)), and no table is read twice for columns
that one reading gives.
"""

_LIVE = """
CREATE TEMP TABLE live AS
SELECT id, country, heard_from, owner_id FROM shop.crm_customer
WHERE merged_into_id IS NULL AND erased_at IS NULL
"""
# The days of whoever gave something back are worked out product by product, as ours.
_GONE = """
CREATE TEMP TABLE undone AS
SELECT o.id, o.customer_id FROM shop.crm_order o
JOIN (SELECT returns_order_id, sum(total) AS total FROM shop.crm_order
    WHERE returns_order_id IS NOT NULL AND nature = 'return' AND state <> 'cancelled'
    GROUP BY 1) r ON r.returns_order_id = o.id
WHERE o.total + r.total <= 0
"""
_BACK = """
CREATE TEMP TABLE back AS
SELECT customer_id FROM shop.crm_orderline WHERE nature = 'return'
UNION SELECT customer_id FROM undone
"""
_KEPT_LINES = """
CREATE TEMP TABLE kept_line AS
SELECT customer_id, ordered_on FROM shop.crm_orderline
WHERE nature IN ('purchase', 'return') AND customer_id IN (FROM back)
    AND order_id NOT IN (SELECT id FROM undone UNION ALL
        SELECT id FROM shop.crm_order WHERE returns_order_id IN (SELECT id FROM undone))
GROUP BY customer_id, ordered_on, product_id HAVING sum(quantity) > 0
"""
_BOUGHT = """
CREATE TEMP TABLE bought AS
SELECT customer_id, list_sort(list(DISTINCT ordered_on)) AS days
FROM (SELECT customer_id, ordered_on FROM shop.crm_orderline
    WHERE nature = 'purchase' AND customer_id NOT IN (FROM back)
    UNION ALL FROM kept_line)
WHERE customer_id IN (SELECT id FROM live) GROUP BY 1
"""
_SPELLS = """
CREATE TEMP TABLE spell AS
SELECT customer_id, row_number() OVER (PARTITION BY customer_id ORDER BY min(day))
        AS number, min(day) AS starts_on, max(day) + 365 AS ends_on
FROM (SELECT customer_id, day, sum(is_first)
            OVER (PARTITION BY customer_id ORDER BY day) AS run
    FROM (SELECT customer_id, day, CASE WHEN day - lag(day)
                OVER (PARTITION BY customer_id ORDER BY day) <= 365
            THEN 0 ELSE 1 END AS is_first
        FROM (SELECT customer_id, unnest(days) AS day FROM bought)))
GROUP BY customer_id, run
"""
_MONTHLY = """
CREATE TEMP TABLE monthly AS
SELECT customer_id, currency, date_trunc('month', ordered_on)::DATE AS month,
    sum(total) AS total, bool_or(nature = 'sale')::INT AS sold
FROM shop.crm_order WHERE state <> 'cancelled' GROUP BY ALL
"""
_SPENDING = """
CREATE TEMP TABLE spending AS
WITH added AS (
    SELECT customer_id, currency, month, CASE WHEN sold = 1 THEN month END AS first,
        (sum(total) OVER until_then)::DECIMAL(20, 4) AS total,
        (sum(sold) OVER until_then)::INT AS sales
    FROM monthly
    WINDOW until_then AS (PARTITION BY customer_id, currency ORDER BY month)
), one AS (
    SELECT customer_id, currency, min(first) AS first,
        list_sort(list({m: month, t: total, s: sales})) AS rows
    FROM added GROUP BY customer_id, currency)
SELECT customer_id, currency, min(first) OVER (PARTITION BY customer_id) AS first_month,
    list_transform(rows, lambda x: x.m) AS months,
    list_transform(rows, lambda x: x.t) AS totals,
    list_transform(rows, lambda x: x.s) AS sales
FROM one
"""
# As ours: somebody counts in a period on their first day of it. count(DISTINCT) takes
# four times as long.
_COHORTS = """
CREATE TEMP TABLE cohort AS
WITH day AS (
    SELECT days[1] AS first, len(days) > 1 AS again, unnest(days) AS day,
        unnest(list_prepend(NULL::DATE, days)) AS before
    FROM bought
), alike AS (
    SELECT date_trunc('month', first)::DATE AS first,
        date_trunc('month', day)::DATE AS month,
        date_trunc('month', before)::DATE AS before, count(*) AS people,
        count(*) FILTER (again) AS repeated
    FROM day WHERE day IS NOT NULL GROUP BY 1, 2, 3)
SELECT unit, date_trunc(unit, first)::DATE AS cohort,
    date_trunc(unit, month)::DATE AS period, sum(people)::INT AS people,
    sum(repeated)::INT AS repeated
FROM alike, (VALUES ('month'), ('quarter'), ('year')) u (unit)
WHERE date_trunc(unit, before) IS DISTINCT FROM date_trunc(unit, month)
GROUP BY 1, 2, 3
"""
_CELLS = """
CREATE TEMP TABLE cell AS
WITH alike AS (
    SELECT number = 1 AS is_new, country, heard_from, owner_id,
        date_trunc('month', starts_on)::DATE AS came,
        date_trunc('month', ends_on)::DATE AS went, count(*) AS people
    FROM spell JOIN live ON live.id = customer_id GROUP BY ALL
), event AS (
    SELECT country, heard_from, owner_id, came AS month,
        CASE WHEN is_new THEN people ELSE 0 END AS new,
        CASE WHEN is_new THEN 0 ELSE people END AS back, 0 AS lost,
        came = went AS in_month,
        date_trunc('quarter', came) = date_trunc('quarter', went) AS in_quarter,
        date_trunc('year', came) = date_trunc('year', went) AS in_year
    FROM alike
    UNION ALL
    SELECT country, heard_from, owner_id, went, 0, 0, people, false, false, false
    FROM alike
), told AS (
    SELECT 'all' AS dimension, '' AS value, * FROM event
    UNION ALL SELECT 'country', country, * FROM event
    UNION ALL SELECT 'source', heard_from, * FROM event
    UNION ALL SELECT 'owner', coalesce(owner_id::VARCHAR, ''), * FROM event)
SELECT dimension, value, month, sum(new), sum(back), sum(lost),
    coalesce(sum(new) FILTER (in_month), 0),
    coalesce(sum(new) FILTER (in_quarter), 0),
    coalesce(sum(new) FILTER (in_year), 0),
    coalesce(sum(back) FILTER (in_month), 0),
    coalesce(sum(back) FILTER (in_quarter), 0),
    coalesce(sum(back) FILTER (in_year), 0)
FROM told GROUP BY 1, 2, 3
"""
CUSTOMERS = (
    *(_LIVE, _GONE, _BACK, _KEPT_LINES, _BOUGHT, _SPELLS),
    *(_MONTHLY, _SPENDING, _COHORTS, _CELLS),
)
KEEP_CUSTOMERS = (
    "INSERT INTO shop.rival.insights_buyer (customer_id, days) FROM bought",
    """INSERT INTO shop.rival.insights_spell (basis, customer_id, number, starts_on,
        ends_on, country, source, owner_id)
    SELECT 'orders', customer_id, number::SMALLINT, starts_on, ends_on, country,
        heard_from, owner_id
    FROM spell JOIN live ON live.id = customer_id""",
    """INSERT INTO shop.rival.insights_spending (basis, customer_id, currency,
        first_month, months, totals, sales)
    SELECT 'orders', * FROM spending""",
    """INSERT INTO shop.rival.insights_cohortcell
        (unit, cohort, period, people, repeated) FROM cohort""",
    """INSERT INTO shop.rival.insights_cell (basis, dimension, value, month, new, back,
        lost, new_gone_in_month, new_gone_in_quarter, new_gone_in_year,
        back_gone_in_month, back_gone_in_quarter, back_gone_in_year)
    SELECT 'orders', * FROM cell""",
)
# From the orders: what ours keeps by month is not there for the rival.
MONEY = """
CREATE TEMP TABLE period AS
WITH spent AS (
    SELECT customer_id, currency, date_trunc('month', ordered_on)::DATE AS month,
        sum(total)::DECIMAL(18, 4) AS amount, bool_or(nature = 'sale') AS sold
    FROM shop.crm_order WHERE state <> 'cancelled' GROUP BY ALL
), first AS (
    SELECT customer_id, min(month) AS first FROM spent WHERE sold GROUP BY 1
), pair AS (
    SELECT id, ends_on, (ends_on - to_months(months))::DATE AS middle,
        (ends_on - to_months(2 * months))::DATE AS starts_on
    FROM shop.insights_moneyend WHERE basis = 'orders'
), person AS (
    SELECT e.id, currency, customer_id, any_value(e.middle) AS middle,
        coalesce(sum(amount) FILTER (month < e.middle), 0) AS earlier,
        coalesce(sum(amount) FILTER (month >= e.middle), 0) AS exact,
        coalesce(bool_or(sold) FILTER (month >= e.middle), false) AS bought
    FROM spent JOIN pair e ON month >= e.starts_on AND month < e.ends_on
    GROUP BY 1, 2, 3
), known AS (
    SELECT id, currency, bought, coalesce(first < middle, false) AS is_earlier,
        exact::DECIMAL(18, 4) AS exact,
        greatest(earlier, 0)::DECIMAL(18, 4) AS was,
        greatest(exact, 0)::DECIMAL(18, 4) AS brings,
        least(was, brings)::DECIMAL(18, 4) AS kept
    FROM person LEFT JOIN first USING (customer_id))
SELECT id, currency, count(*), count(*) FILTER (was > 0),
    count(*) FILTER (was > 0 AND brings > was),
    count(*) FILTER (was > 0 AND brings > 0 AND brings < was),
    count(*) FILTER (was > 0 AND brings = was),
    count(*) FILTER (was > 0 AND brings = 0),
    sum(was), coalesce(sum(brings - was) FILTER (was > 0 AND brings > was), 0),
    coalesce(sum(was - brings) FILTER (was > 0 AND brings > 0 AND brings < was), 0),
    coalesce(sum(was) FILTER (brings = 0), 0), sum(was * was),
    coalesce(sum(brings * brings) FILTER (was > 0), 0), sum(was * brings),
    sum(kept * kept), sum(was * kept), count(*) FILTER (bought),
    count(*) FILTER (bought AND is_earlier), sum(exact),
    coalesce(sum(exact) FILTER (is_earlier), 0)
FROM known GROUP BY 1, 2
"""
KEEP_MONEY = """
INSERT INTO shop.rival.insights_moneyperiod (end_id, currency, persons, people,
    more_people, less_people, same_people, lost_people, start, expansion, contraction,
    lost, squares_then, squares_now, products_now, squares_kept, products_kept, buyers,
    earlier_buyers, revenue, earlier_revenue)
FROM period
"""
