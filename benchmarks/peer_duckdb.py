"""The same sums by DuckDB, attached to the database: the rival of a whole count.

It reads the tables that ours reads, works out the same rows and leaves them in tables
of the same columns, checks and indexes, in a schema of its own: by COPY into tables
that have no index yet, which is its fastest way, and the indexes at the end, all at
once. `differences` tells whether the rows are the same. It is spared what ours does
besides: to go on after a kill, and not to write what is there already.
"""

from pathlib import Path
from typing import Any

import duckdb
import duckdb_ext
from django.db import connection

from benchmarks import peer_duckdb_sql as sql

CUSTOMERS = (
    *("insights_buyer", "insights_spell", "insights_spending"),
    *("insights_cell", "insights_cohortcell"),
)
MONEY = ("insights_moneyperiod",)
_INDEXES = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY (%s::regclass[]) ORDER BY indexrelid
"""
_COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND attname <> 'id' AND NOT attisdropped
"""


def attached() -> Any:
    """A DuckDB that reads and writes the database of this process and fetches nothing,
    and empty tables for what it leaves."""
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
    _make_tables()
    base.execute(f"ATTACH '{dsn}' AS shop (TYPE postgres)")
    return base


def _make_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA rival")
        for table in (*CUSTOMERS, *MONEY):
            cursor.execute(
                f"CREATE TABLE rival.{table} (LIKE {table} INCLUDING DEFAULTS"
                " INCLUDING IDENTITY INCLUDING CONSTRAINTS)"
            )


def customers(base: Any) -> None:
    """Work out days, spells, what each brought, cohorts and who came and went, from
    nothing."""
    for statement in sql.CUSTOMERS:
        base.execute(statement)


def keep_customers(base: Any) -> None:
    """Write the rows of `customers` to the database."""
    _keep(base, sql.KEEP_CUSTOMERS, CUSTOMERS)


def spans_of_money(base: Any) -> None:
    """Work out the sums of every pair of spans that is kept."""
    base.execute(sql.MONEY)


def keep_money(base: Any) -> None:
    """Write the rows of `spans_of_money` to the database."""
    _keep(base, (sql.KEEP_MONEY,), MONEY)


def _keep(base: Any, statements: tuple[str, ...], tables: tuple[str, ...]) -> None:
    for statement in statements:
        base.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [list(tables)])
        for (definition,) in cursor.fetchall():
            cursor.execute(definition.replace(" ON public.", " ON rival."))


def differences(tables: tuple[str, ...]) -> int:
    """How many rows of ours or of the rival's have no like on the other side."""
    found = 0
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(_COLUMNS, [table])
            [columns] = cursor.fetchone()
            ours = f"SELECT {columns} FROM {table}"
            theirs = f"SELECT {columns} FROM rival.{table}"
            cursor.execute(
                f"SELECT count(*) FROM (({ours} EXCEPT ALL {theirs})"
                f" UNION ALL ({theirs} EXCEPT ALL {ours})) other"
            )
            found += cursor.fetchone()[0]
    return found
