"""The same figures by DuckDB, attached to the database: the rival of a whole count."""

from pathlib import Path
from typing import Any

import duckdb
import duckdb_ext
from django.db import connection

_BOUGHT = """
CREATE TEMP TABLE bought AS
SELECT DISTINCT customer_id AS who, ordered_on AS day
FROM shop.crm_orderline WHERE nature = 'purchase'
"""
_COHORTS = """
WITH person AS (
    SELECT who, min(day) AS first, count(*) > 1 AS again FROM bought GROUP BY who)
SELECT unit, date_trunc(unit, first), date_trunc(unit, day), count(DISTINCT who),
    count(DISTINCT who) FILTER (again)
FROM bought JOIN person USING (who), (VALUES ('month'), ('quarter'), ('year')) u (unit)
GROUP BY 1, 2, 3
"""
_SPELLS = """
CREATE TEMP TABLE spell AS
SELECT who, row_number() OVER (PARTITION BY who ORDER BY min(day)) AS number,
    min(day) AS a, max(day) + 365 AS b
FROM (SELECT who, day, sum(is_first) OVER (PARTITION BY who ORDER BY day) AS run
    FROM (SELECT who, day, CASE WHEN day - lag(day)
            OVER (PARTITION BY who ORDER BY day) <= 365 THEN 0 ELSE 1 END AS is_first
        FROM bought))
GROUP BY who, run
"""
_CHURN = """
SELECT c.country, c.heard_from, date_trunc('month', a), date_trunc('month', b), count(*)
FROM spell JOIN shop.crm_customer c ON c.id = who GROUP BY 1, 2, 3, 4
"""
_MONEY = """
WITH spent AS (
    SELECT customer_id AS who, currency, date_trunc('month', ordered_on)::DATE AS month,
        sum(total) AS amount
    FROM shop.crm_order WHERE state <> 'cancelled' GROUP BY 1, 2, 3
), person AS (
    SELECT e.ends_on, e.months, currency, who,
        greatest(coalesce(sum(amount) FILTER (month < e.middle), 0), 0) AS was,
        greatest(coalesce(sum(amount) FILTER (month >= e.middle), 0), 0) AS now
    FROM spent JOIN (SELECT ends_on, months,
            (ends_on - to_months(months))::DATE AS middle,
            (ends_on - to_months(2 * months))::DATE AS starts_on
        FROM shop.insights_moneyend WHERE basis = 'orders') e
        ON month >= e.starts_on AND month < e.ends_on
    GROUP BY ALL)
SELECT ends_on, months, currency, count(*) FILTER (was > 0), sum(was),
    sum(now - was) FILTER (was > 0 AND now > was),
    sum(was - now) FILTER (now < was), sum(was) FILTER (now = 0)
FROM person GROUP BY ALL
"""


def attached() -> Any:
    """A DuckDB that reads the database of this process, and fetches nothing."""
    base = duckdb.connect()
    [extension] = Path(duckdb_ext.__path__[0]).rglob(
        "postgres_scanner.duckdb_extension"
    )
    base.execute(f"LOAD '{extension}'")
    used = connection.settings_dict
    parts = {
        "host": used["HOST"],
        "port": used["PORT"],
        "user": used["USER"],
        "password": used["PASSWORD"],
        "dbname": used["NAME"],
    }
    dsn = " ".join(f"{key}={value}" for key, value in parts.items() if value)
    base.execute(f"ATTACH '{dsn}' AS shop (TYPE postgres, READ_ONLY)")
    return base


def customers(base: Any) -> None:
    """Days, spells, cohorts and who came and went by month, from nothing."""
    for statement in (_BOUGHT, _SPELLS):
        base.execute(statement)
    for statement in (_COHORTS, _CHURN):
        assert base.execute(statement).fetchall()


def spans_of_money(base: Any) -> None:
    """The sums of every pair of spans that is kept."""
    assert base.execute(_MONEY).fetchall()
