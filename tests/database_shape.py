"""What a database looks like, to compare it with another: its schema and its rows."""

from typing import Any

from django.db import connection

OURS = "relnamespace = 'public'::regnamespace AND relname <> 'django_migrations'"
OF_NO_EXTENSION = """NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')"""
SCHEMA = {
    "relations": f"""
        SELECT relname, relkind::text, relpersistence::text, reloptions,
            obj_description(oid) FROM pg_class WHERE {OURS}""",
    "columns": f"""
        SELECT relname, row_number() OVER (PARTITION BY c.oid ORDER BY attnum),
            attname, format_type(atttypid, atttypmod), attnotnull,
            pg_get_expr(adbin, adrelid), attidentity::text, attgenerated::text,
            attcollation::regcollation::text, attstorage::text, attoptions,
            col_description(c.oid, attnum)
        FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
        LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum
        WHERE {OURS} AND attnum > 0 AND NOT attisdropped""",
    # Those of NOT NULL stand with the columns: a column that got another name keeps
    # that of its constraint.
    "constraints": f"""
        SELECT relname, conname, pg_get_constraintdef(o.oid), convalidated
        FROM pg_class c JOIN pg_constraint o ON conrelid = c.oid
        WHERE {OURS} AND contype <> 'n'""",
    "indexes": f"""
        SELECT relname, pg_get_indexdef(indexrelid), indisvalid, indisunique
        FROM pg_class c JOIN pg_index ON indrelid = c.oid WHERE {OURS}""",
    "triggers": f"""
        SELECT relname, pg_get_triggerdef(t.oid), tgenabled::text
        FROM pg_class c JOIN pg_trigger t ON tgrelid = c.oid
        WHERE {OURS} AND NOT tgisinternal""",
    "functions": f"""
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc p
        WHERE pronamespace = 'public'::regnamespace AND {OF_NO_EXTENSION}""",
    "types": """
        SELECT typname, typtype::text FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typtype NOT IN ('b', 'c')""",
    "extensions": "SELECT extname, extversion FROM pg_extension",
    "sequences": """
        SELECT seqrelid::regclass::text, seqtypid::regtype::text, seqstart,
            seqincrement, seqmax, seqmin, seqcache, seqcycle FROM pg_sequence
        WHERE seqrelid <> 'django_migrations_id_seq'::regclass""",
}
TABLES = f"SELECT relname FROM pg_class WHERE relkind = 'r' AND {OURS}"
# Made by lot, by the clock, or by how many rows there were before.
CHANCE = ["id", "key", "created_at", "updated_at"]


def shape() -> dict[str, set[Any]]:
    """Return what the current database has of each kind, as comparable rows."""
    found = schema()
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            row = "(to_jsonb(t) - %s::text[])::text"
            found[table] = _rows(cursor, f"SELECT {row} FROM {table} t", [CHANCE])
    return found


def schema() -> dict[str, set[Any]]:
    """Return what the current database has of each kind, but for the rows of tables."""
    with connection.cursor() as cursor:
        return {kind: _rows(cursor, query) for kind, query in SCHEMA.items()}


def _rows(cursor: Any, query: str, values: Any = None) -> set[Any]:
    cursor.execute(query, values)
    return {tuple(map(str, row)) for row in cursor.fetchall()}
