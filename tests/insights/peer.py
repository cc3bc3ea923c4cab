"""The figures of a file of orders, reckoned by DuckDB from the file alone."""

import duckdb

_LINES = """
CREATE TABLE line AS SELECT customer_id AS who, invoice_no, upper(stock_code) AS sku,
    quantity::INTEGER AS n, unit_price::DECIMAL(12, 4) AS price,
    left(invoice_date, 10)::DATE AS day
FROM read_csv(?, all_varchar = true, header = true) WHERE customer_id <> ''
"""
# Somebody bought on a day if something of it was not given back on it.
_DAYS = """
CREATE TABLE bought AS
WITH goods AS (
    SELECT * FROM line SEMI JOIN product USING (sku) WHERE price > 0
), kept AS (
    SELECT DISTINCT who, day FROM (
        SELECT who, day, sku FROM goods GROUP BY ALL HAVING sum(n) > 0)
), days AS (
    SELECT who, day, bool_or(n <= 0) AS back FROM goods GROUP BY ALL
    HAVING bool_or(n > 0)
)
SELECT who, day FROM days WHERE NOT back
UNION SELECT who, day FROM days SEMI JOIN kept USING (who, day) WHERE back
"""
_SPELLS = """
CREATE TABLE spell AS
SELECT row_number() OVER (PARTITION BY who ORDER BY min(day)) AS number,
    min(day) AS a, max(day) + ? AS b
FROM (SELECT who, day, sum(is_first) OVER (PARTITION BY who ORDER BY day) AS run
    FROM (SELECT who, day, CASE WHEN day - lag(day)
            OVER (PARTITION BY who ORDER BY day) <= ? THEN 0 ELSE 1 END AS is_first
        FROM bought))
GROUP BY who, run
"""
_SPAN = """
SELECT count(*) FILTER (a < $1 AND b >= $1),
    count(*) FILTER (a < $1 AND b >= $2),
    count(*) FILTER (a < $1 AND b >= $1 AND b < $2),
    count(*) FILTER (a >= $1 AND a < $2 AND b >= $2 AND number = 1),
    count(*) FILTER (a >= $1 AND a < $2 AND b >= $2 AND number > 1),
    count(*) FILTER (a < $2 AND b >= $2)
FROM spell
"""
_COHORTS = """
WITH person AS (
    SELECT who, min(day) AS first, count(*) > 1 AS again FROM bought GROUP BY who)
SELECT unit, date_trunc(unit, first)::DATE, date_trunc(unit, day)::DATE,
    count(DISTINCT who), count(DISTINCT who) FILTER (again)
FROM bought JOIN person USING (who), (VALUES ('month'), ('quarter'), ('year')) u (unit)
GROUP BY 1, 2, 3
"""
# An invoice is a sale where something of it was taken, goods or not.
_SOLD = """
CREATE TABLE sold AS SELECT who, min(day) AS day FROM line
GROUP BY who, invoice_no HAVING bool_or(n > 0)
"""
_MONEY = """
WITH met AS (
    SELECT who, min(day) < $2 AS before, bool_or(day >= $2 AND day < $3) AS bought
    FROM sold GROUP BY who
), person AS (
    SELECT who, greatest(coalesce(sum(amount) FILTER (day < $2), 0), 0) AS was,
        coalesce(sum(amount) FILTER (day >= $2), 0) AS exact,
        greatest(exact, 0) AS now
    FROM spent WHERE day >= $1 AND day < $3 GROUP BY who)
SELECT count(*) FILTER (was > 0), coalesce(sum(was), 0),
    coalesce(sum(now - was) FILTER (was > 0 AND now > was), 0),
    coalesce(sum(was - now) FILTER (was > 0 AND now > 0 AND now < was), 0),
    coalesce(sum(was) FILTER (now = 0), 0), sum(exact),
    coalesce(sum(exact) FILTER (before), 0), count(*) FILTER (bought),
    count(*) FILTER (bought AND before)
FROM person LEFT JOIN met USING (who)
"""
_BEST = """
WITH person AS (
    SELECT who, sum(amount) AS brought FROM spent GROUP BY who HAVING brought > 0
), ranked AS (
    SELECT *, sum(brought) OVER (ORDER BY brought DESC, who) - brought AS before
    FROM person)
SELECT count(*), sum(brought),
    count(*) FILTER (before < 0.8 * (SELECT sum(brought) FROM person)) FROM ranked
"""
_GAPS = """
SELECT gap, count(*) FROM (
    SELECT day - lag(day) OVER (PARTITION BY who ORDER BY day) AS gap FROM bought)
WHERE gap IS NOT NULL GROUP BY 1
"""


class Peer:
    """`is_product` says of a code whether it is goods; `days` end a spell."""

    def __init__(self, path, is_product, *, days):
        self.base = duckdb.connect()
        self.base.execute(_LINES, [str(path)])
        codes = [code for (code,) in self._rows("SELECT DISTINCT sku FROM line")]
        goods = [code for code in codes if is_product(code)]
        self.base.execute("CREATE TABLE product AS SELECT unnest(?) AS sku", [goods])
        self.base.execute(_DAYS)
        self.base.execute(_SPELLS, [days, days])
        self.base.execute(_SOLD)
        self.base.execute(
            "CREATE TABLE spent AS"
            " SELECT who, day, round(n * price, 2) AS amount FROM line"
        )

    def _rows(self, query, given=()):
        return self.base.execute(query, list(given)).fetchall()

    def days(self):
        """Customer to the days on which they bought something and kept it."""
        query = "SELECT who, list(day ORDER BY day) FROM bought GROUP BY who"
        return dict(self._rows(query))

    def span(self, period):
        """start, kept, lost, new, back, end of a period."""
        [found] = self._rows(_SPAN, [period.starts_on, period.ends_on])
        return found

    def cohorts(self):
        """(unit, cohort, period) to people and those who came again."""
        return {row[:3]: row[3:] for row in self._rows(_COHORTS)}

    def gaps(self):
        """Days between two orders of a person: how often."""
        return dict(self._rows(_GAPS))

    def money(self, pair):
        """people, start, expansion, contraction, lost, revenue of two spans; of the
        revenue that from earlier customers, and how many bought, and were earlier."""
        [found] = self._rows(_MONEY, [pair.starts_on, pair.middle, pair.ends_on])
        return found

    def best(self):
        """How many bring anything, what all bring, how few bring four fifths."""
        [found] = self._rows(_BEST)
        return found
