"""Lists of opt-outs: whom their rows are about, and rows by the thousand."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection
from psycopg.sql import SQL, Composed, Identifier

from crm.sql import staging

TABLE = "import_opt_out"
COLUMNS = ("no", "email", "external_id", "kind", "categories", "at", "words")
STAGING = (
    staging.temporary(
        TABLE,
        "no int, email text, external_id text, kind text, categories text[],"
        " at timestamptz, words text",
    ),
)
EMPTY = SQL("TRUNCATE {}").format(Identifier(TABLE))
ANALYZE = SQL("ANALYZE {}").format(Identifier(TABLE))
ROWS = SQL("SELECT {} FROM {} ORDER BY no").format(
    SQL(", ").join(map(Identifier, COLUMNS)), Identifier(TABLE)
)
# (number of the row, record, whether it carries the address of the row.)
# Each in a query of its own, so that each takes its own index.
RECORDS = SQL(
    """SELECT s.no, c.id, true
    FROM import_opt_out s
    JOIN crm_customer c ON c.email_norm = s.email
    WHERE s.email <> '' AND c.merged_into_id IS NULL AND c.erased_at IS NULL
    UNION
    SELECT s.no, c.id, true
    FROM import_opt_out s
    JOIN crm_customeraddress a ON a.kind = 'email' AND a.norm = s.email
    JOIN crm_customer c ON c.id = a.customer_id
    WHERE s.email <> '' AND c.merged_into_id IS NULL AND c.erased_at IS NULL
    UNION ALL
    SELECT s.no, c.id, false
    FROM import_opt_out s
    JOIN crm_customer k ON k.source = %(source)s AND k.external_id = s.external_id
    JOIN crm_customer c ON c.id = coalesce(k.merged_into_id, k.id)
    WHERE s.external_id <> '' AND c.erased_at IS NULL"""
)
_CONSENTS = SQL(
    """COPY messaging_consent (customer_id, category, at, how, source_text,
        address_hash, granted, wording_version, ip_truncated) FROM STDIN"""
)
_SUPPRESSIONS = SQL(
    "COPY messaging_suppression (address_hash, scope, reason, at) FROM STDIN"
)

_Consent = tuple[int, str, datetime, str, str, bytes]
_Suppression = tuple[bytes, str, str, datetime]


def insert_consents(rows: Iterable[_Consent], *, granted: bool) -> None:
    """(customer, category, moment, how, words, hash of the address or nothing)."""
    _copy(
        _CONSENTS,
        ((*row[:-1], row[-1] or None, granted, "", "") for row in rows),
    )


def insert_suppressions(rows: Iterable[_Suppression]) -> None:
    """(hash of the address, scope, reason, moment)."""
    _copy(_SUPPRESSIONS, rows)


def _copy(statement: SQL | Composed, rows: Iterable[Sequence[object]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
